import QtQuick
import QtQuick.Controls.Basic
import Fovea

// Which model answers and whether it can; hovering tells the rest.
Control {
    id: root

    required property StatusViewModel status
    readonly property bool ready: status.modelState === StatusViewModel.Ready
    readonly property bool failed: status.modelState === StatusViewModel.Failed

    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    leftPadding: 10
    rightPadding: Theme.gap
    implicitHeight: Theme.controlHeight - 4
    Accessible.role: Accessible.StaticText
    Accessible.name: ready ? qsTr("Model: %1, ready").arg(status.modelName) : status.modelStateText
    Accessible.description: status.modelDetails

    contentItem: Item {
        implicitWidth: dot.width + label.anchors.leftMargin + label.implicitWidth

        Rectangle {
            id: dot
            anchors { left: parent.left; verticalCenter: parent.verticalCenter }
            width: 8
            height: 8
            radius: 4
            color: root.ready ? Theme.success : root.failed ? Theme.danger : Theme.spot
        }
        Text {
            id: label
            anchors { left: dot.right; leftMargin: Theme.gapSmall; right: parent.right; verticalCenter: parent.verticalCenter }
            text: root.ready ? root.status.modelName : root.status.modelStateText
            font.pixelSize: Theme.fontSmall
            color: Theme.textMuted
            elide: Text.ElideRight
            textFormat: Text.PlainText
        }
    }
    background: Rectangle {
        radius: height / 2
        color: root.hovered ? Theme.hover : "transparent"
        border.width: 1
        border.color: Theme.border
    }
    AppToolTip {
        visible: root.hovered && root.ready
        text: root.status.modelDetails
    }
}

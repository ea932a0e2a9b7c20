import QtQuick
import QtQuick.Controls.Basic
import Fovea

// A question to begin with; a click asks it.
AbstractButton {
    id: root

    implicitHeight: label.implicitHeight + 2 * Theme.gap
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    opacity: enabled ? 1 : 0.55
    Accessible.role: Accessible.Button
    Accessible.name: qsTr("Ask: %1").arg(text)
    Accessible.onPressAction: clicked()
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: Text {
        id: label
        leftPadding: Theme.gapLarge
        rightPadding: Theme.gapLarge
        text: root.text
        font.pixelSize: Theme.fontUi
        color: Theme.text
        wrapMode: Text.Wrap
        verticalAlignment: Text.AlignVCenter
        textFormat: Text.PlainText
    }
    background: Rectangle {
        radius: Theme.radius
        color: root.down ? Theme.selected : Theme.surface
        border.width: 1
        border.color: root.hovered ? Theme.accent : Theme.border
        FocusRing { control: root; inset: -3; radius: Theme.radius + 3 }
    }
}

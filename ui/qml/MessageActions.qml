import QtQuick
import Fovea

// What can be done with a message and what it cost; shown on hover and to the keyboard.
Row {
    id: root

    property bool shown: false
    property bool copyable: true
    property bool mirrored: false
    property string details
    readonly property bool focusInside: copyButton.activeFocus

    signal copyRequested()

    height: 28
    spacing: Theme.gapTiny
    layoutDirection: mirrored ? Qt.RightToLeft : Qt.LeftToRight
    opacity: shown ? 1 : 0
    Behavior on opacity { NumberAnimation { duration: Theme.animation } }

    IconButton {
        id: copyButton

        objectName: "copyButton"
        size: 28
        iconSize: 16
        enabled: root.copyable
        iconName: copied.running ? "check" : "copy"
        iconColor: copied.running ? Theme.success : Theme.textMuted
        text: copied.running ? qsTr("Copied") : qsTr("Copy")
        onClicked: {
            root.copyRequested()
            copied.restart()
        }
        Timer { id: copied; interval: 1600 }
    }
    Text {
        anchors.verticalCenter: parent.verticalCenter
        width: Math.max(0, Math.min(implicitWidth, root.width - copyButton.width - root.spacing))
        text: root.details
        font.pixelSize: Theme.fontSmall
        color: Theme.textMuted
        elide: Text.ElideRight
        textFormat: Text.PlainText
    }
}

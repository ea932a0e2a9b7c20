import QtQuick
import Fovea

// Stands at a fork of the chat, "< 2/3 >", and switches to the version before or after.
Row {
    id: root

    property int version: 1
    property int count: 1

    signal switched(int step)

    visible: count > 1

    IconButton {
        objectName: "previousVersionButton"
        size: 28
        iconSize: 16
        iconName: "previous"
        text: qsTr("Previous version")
        enabled: root.version > 1
        onClicked: root.switched(-1)
    }
    Text {
        objectName: "versionText"
        anchors.verticalCenter: parent.verticalCenter
        text: qsTr("%1/%2").arg(root.version).arg(root.count)
        font.pixelSize: Theme.fontSmall
        color: Theme.textMuted
        Accessible.role: Accessible.StaticText
        Accessible.name: qsTr("Version %1 of %2").arg(root.version).arg(root.count)
    }
    IconButton {
        objectName: "nextVersionButton"
        size: 28
        iconSize: 16
        iconName: "next"
        text: qsTr("Next version")
        enabled: root.version < root.count
        onClicked: root.switched(1)
    }
}

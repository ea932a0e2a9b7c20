import QtQuick
import QtQuick.Controls.Basic
import Fovea

// What can be done with a message and what it cost; shown on hover and to the keyboard. At a fork the switch between
// its versions is always in sight.
Row {
    id: root

    property bool shown: false
    property bool copyable: true
    property bool changeable: true
    property bool isUser: false
    property string details
    property int version: 1
    property int versionCount: 1
    readonly property bool focusInside: buttons.focusInside || menu.visible

    signal copyRequested()
    signal editRequested()
    signal regenerateRequested()
    signal newChatRequested()
    signal removeRequested()
    signal versionSwitched(int step)

    height: 28
    spacing: Theme.gapTiny
    layoutDirection: isUser ? Qt.RightToLeft : Qt.LeftToRight

    component SmallButton: IconButton {
        size: 28
        iconSize: 16
    }

    VersionSwitch {
        version: root.version
        count: root.versionCount
        onSwitched: step => root.versionSwitched(step)
    }
    Row {
        id: buttons

        readonly property bool focusInside: copyButton.activeFocus || changeButton.activeFocus || moreButton.activeFocus

        spacing: root.spacing
        layoutDirection: root.layoutDirection
        opacity: root.shown ? 1 : 0
        Behavior on opacity { NumberAnimation { duration: Theme.animation } }

        SmallButton {
            id: copyButton

            objectName: "copyButton"
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
        SmallButton {
            id: changeButton

            objectName: root.isUser ? "editButton" : "regenerateButton"
            enabled: root.changeable
            iconName: root.isUser ? "pencil" : "refresh"
            text: root.isUser ? qsTr("Edit and ask anew") : qsTr("Answer anew")
            onClicked: root.isUser ? root.editRequested() : root.regenerateRequested()
        }
        SmallButton {
            id: moreButton

            objectName: "moreButton"
            enabled: root.changeable
            iconName: "more"
            text: qsTr("More")
            onClicked: menu.popup(moreButton, 0, moreButton.height)

            AppMenu {
                id: menu

                implicitWidth: 240
                Action { text: qsTr("New chat from here"); onTriggered: root.newChatRequested() }
                Action { text: qsTr("Delete from here on"); onTriggered: root.removeRequested() }
            }
        }
        Text {
            anchors.verticalCenter: parent.verticalCenter
            width: Math.max(0, Math.min(implicitWidth, root.width - 3 * 36 - (root.versionCount > 1 ? 110 : 0)))
            text: root.details
            font.pixelSize: Theme.fontSmall
            color: Theme.textMuted
            elide: Text.ElideRight
            textFormat: Text.PlainText
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }
    }
}

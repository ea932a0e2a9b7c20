import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// Left side of the window: a new chat, and all that were had.
Rectangle {
    id: root

    required property ChatController chat
    property alias list: list

    signal chatOpened()
    signal searchRequested()
    signal exportRequested()
    signal importRequested()

    color: Theme.sidebar

    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        RowLayout {
            Layout.fillWidth: true
            Layout.preferredHeight: 56
            Layout.leftMargin: Theme.gapLarge
            Layout.rightMargin: Theme.gapSmall
            spacing: Theme.gapSmall

            AppLogo { size: 26 }
            Text {
                Layout.fillWidth: true
                text: qsTr("Fovea")
                font.pixelSize: Theme.fontTitle
                font.weight: Font.DemiBold
                color: Theme.text
                Accessible.ignored: true
            }
            IconButton {
                objectName: "searchButton"
                iconName: "search"
                iconSize: 20
                text: qsTr("Search in all chats")
                shortcutText: "Ctrl+K"
                onClicked: root.searchRequested()
            }
            IconButton {
                objectName: "sidebarMenuButton"
                iconName: "more"
                iconSize: 20
                text: qsTr("Import and export")
                quiet: menu.visible
                onClicked: menu.popup(this, 0, height)

                AppMenu {
                    id: menu

                    implicitWidth: 220
                    Action { text: qsTr("Import chats\u2026"); onTriggered: root.importRequested() }
                    Action { text: qsTr("Export all chats\u2026"); onTriggered: root.exportRequested() }
                }
            }
            IconButton {
                objectName: "newChatButton"
                iconName: "plus"
                iconSize: 20
                text: qsTr("New chat")
                shortcutText: "Ctrl+N"
                onClicked: {
                    root.chat.newChat()
                    root.chatOpened()
                }
            }
        }

        ConversationList {
            id: list

            objectName: "conversationList"
            Layout.fillWidth: true
            Layout.fillHeight: true
            bottomMargin: Theme.gapSmall
            chat: root.chat
            onOpened: root.chatOpened()
        }
    }

    Text {
        anchors.centerIn: parent
        width: parent.width - 2 * Theme.gapHuge
        visible: list.count === 0
        text: qsTr("Your chats will be listed here. They stay on this computer.")
        font.pixelSize: Theme.fontSmall
        lineHeight: 1.3
        color: Theme.textMuted
        wrapMode: Text.Wrap
        horizontalAlignment: Text.AlignHCenter
    }

    Rectangle {
        anchors { top: parent.top; bottom: parent.bottom; right: parent.right }
        width: 1
        color: Theme.border
    }
}

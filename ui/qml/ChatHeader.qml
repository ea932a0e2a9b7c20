import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// Top of the chat: its title (F2 or a double click renames it) and the model that answers.
Item {
    id: root

    required property ChatController chat
    property bool sidebarShown: true
    property bool editing: false

    property bool settingsShown: false
    property bool insightsShown: false

    signal sidebarToggled()
    signal settingsToggled()
    signal insightsToggled()
    signal editingFinished()
    signal systemPromptRequested()
    signal exportRequested()
    signal shortcutsRequested()

    function rename() {
        if (chat.hasConversation)
            editing = true
    }

    implicitHeight: 56

    Connections {
        target: root.chat
        function onCurrentChanged() { root.editing = false }
    }

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.gapSmall
        anchors.rightMargin: Theme.gapLarge
        spacing: Theme.gapSmall

        IconButton {
            objectName: "sidebarButton"
            iconName: "sidebar"
            iconSize: 20
            text: root.sidebarShown ? qsTr("Hide the list of chats") : qsTr("Show the list of chats")
            shortcutText: "Ctrl+B"
            onClicked: root.sidebarToggled()
        }
        Text {
            objectName: "chatTitle"
            Layout.fillWidth: true
            visible: !root.editing
            text: root.chat.title
            font.pixelSize: Theme.fontTitle
            font.weight: Font.DemiBold
            color: Theme.text
            elide: Text.ElideRight
            textFormat: Text.PlainText
            Accessible.role: Accessible.Heading
            Accessible.name: text
            TapHandler { onDoubleTapped: root.rename() }
        }
        Loader {
            Layout.fillWidth: true
            active: root.editing
            visible: active
            sourceComponent: TitleEditor {
                objectName: "headerTitleEditor"
                text: root.chat.title
                onTitleAccepted: title => {
                    root.chat.renameCurrent(title)
                    root.editing = false
                    root.editingFinished()
                }
                onCancelled: {
                    root.editing = false
                    root.editingFinished()
                }
            }
        }
        IconButton {
            objectName: "chatMenuButton"
            iconName: "more"
            iconSize: 20
            text: qsTr("This chat")
            quiet: menu.visible
            onClicked: menu.popup(this, 0, height)

            AppMenu {
                id: menu

                implicitWidth: 240
                Action { text: qsTr("Instruction\u2026"); onTriggered: root.systemPromptRequested() }
                Action { text: qsTr("Rename"); enabled: root.chat.hasConversation; onTriggered: root.rename() }
                Action {
                    text: qsTr("Export this chat\u2026")
                    enabled: root.chat.hasConversation
                    onTriggered: root.exportRequested()
                }
                Action { text: qsTr("Keyboard shortcuts"); onTriggered: root.shortcutsRequested() }
            }
        }
        ModelChip {
            Layout.maximumWidth: Math.max(36, root.width * 0.4)
            status: root.chat.status
        }
        IconButton {
            objectName: "insightsButton"
            iconName: "chart"
            iconSize: 20
            text: root.insightsShown ? qsTr("Close the insights") : qsTr("Insights: what the answer reads")
            shortcutText: "Ctrl+I"
            onClicked: root.insightsToggled()
        }
        IconButton {
            objectName: "settingsButton"
            Layout.rightMargin: Theme.gapTiny - Theme.gapSmall
            iconName: "settings"
            iconSize: 20
            text: root.settingsShown ? qsTr("Close the settings") : qsTr("Settings")
            shortcutText: "Ctrl+,"
            onClicked: root.settingsToggled()
        }
    }

    Rectangle {
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        height: 1
        color: Theme.border
    }
    // Loading: a thin line that grows, where eyes rest anyway.
    Rectangle {
        anchors { left: parent.left; bottom: parent.bottom }
        height: 2
        width: parent.width * root.chat.status.loadProgress
        visible: root.chat.status.modelState === StatusViewModel.Loading
        color: Theme.accent
        Accessible.role: Accessible.ProgressBar
        Accessible.name: root.chat.status.modelStateText
        Behavior on width { NumberAnimation { duration: Theme.animation } }
    }
}

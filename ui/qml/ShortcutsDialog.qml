import QtQuick
import QtQuick.Layouts
import Fovea

// All that the keyboard can do, under Ctrl+/.
AppDialog {
    id: root

    readonly property var shortcuts: [
        ["Ctrl+N", qsTr("New chat")],
        ["Ctrl+K", qsTr("Search in all chats")],
        ["Ctrl+,", qsTr("Settings")],
        ["Ctrl+I", qsTr("Show or hide the insights")],
        ["Ctrl+B", qsTr("Show or hide the list of chats")],
        ["F2", qsTr("Rename the chat")],
        [qsTr("Enter"), qsTr("Send the message")],
        [qsTr("Shift+Enter"), qsTr("Start a new line")],
        [qsTr("Up"), qsTr("Edit the last question, in an empty message")],
        [qsTr("Esc"), qsTr("Stop the answer, or stop editing")],
        [qsTr("Del"), qsTr("Delete the chat, in the list of chats")],
        ["Ctrl+/", qsTr("Show this list")],
        ["Ctrl+Q", qsTr("Quit")]
    ]

    title: qsTr("Keyboard shortcuts")

    GridLayout {
        Layout.fillWidth: true
        columns: 2
        columnSpacing: Theme.gapHuge
        rowSpacing: Theme.gapSmall

        Repeater {
            model: root.shortcuts.length * 2

            Text {
                required property int index

                readonly property bool isKey: index % 2 === 0

                Layout.fillWidth: !isKey
                text: root.shortcuts[Math.floor(index / 2)][index % 2]
                font.pixelSize: Theme.fontUi
                font.weight: isKey ? Font.DemiBold : Font.Normal
                color: isKey ? Theme.text : Theme.textMuted
                wrapMode: Text.Wrap
                Accessible.role: Accessible.StaticText
                Accessible.name: text
            }
        }
    }
}

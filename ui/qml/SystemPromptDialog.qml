import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// What the model is told before the first question of this chat.
AppDialog {
    id: root

    required property ChatController chat

    title: qsTr("Instruction for this chat")
    onOpened: {
        input.text = chat.systemPrompt
        input.forceActiveFocus()
    }

    DialogText {
        text: qsTr("The model reads it before every question. It counts from the next question on.")
        color: Theme.textMuted
    }
    ScrollView {
        Layout.fillWidth: true
        Layout.preferredHeight: 160
        ScrollBar.vertical: AppScrollBar {}

        TextArea {
            id: input

            objectName: "systemPromptInput"
            wrapMode: TextArea.Wrap
            textFormat: TextEdit.PlainText
            font.pixelSize: Theme.fontUi
            color: Theme.text
            placeholderText: qsTr("For example: Answer in one sentence.")
            placeholderTextColor: Theme.textMuted
            selectionColor: Theme.selectionBackground
            selectedTextColor: Theme.text
            selectByMouse: true
            Accessible.name: root.title
            background: Rectangle {
                color: Theme.surface
                radius: Theme.radiusSmall
                border.width: input.activeFocus ? 2 : 1
                border.color: input.activeFocus ? Theme.accent : Theme.borderStrong
            }
            KeyNavigation.priority: KeyNavigation.BeforeItem
            KeyNavigation.tab: reset
        }
    }

    buttons: [
        AppButton {
            id: reset

            text: qsTr("Use that of the settings")
            onClicked: {
                root.chat.resetSystemPrompt()
                root.close()
            }
        },
        Item { Layout.fillWidth: true },
        AppButton {
            objectName: "saveSystemPromptButton"
            primary: true
            text: qsTr("Save")
            onClicked: {
                root.chat.systemPrompt = input.text
                root.close()
            }
        }
    ]
}

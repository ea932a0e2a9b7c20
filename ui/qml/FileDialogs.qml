import QtQuick
import QtQuick.Dialogs
import Fovea

// Where chats are written to and read from.
Item {
    id: root

    required property ChatController chat

    function exportCurrent() { one.propose(chat.title) }
    function exportAll() { all.propose(qsTr("Chats")) }
    function attach() { text.open() }
    function importChats() { incoming.open() }

    SaveDialog {
        id: one
        chat: root.chat
        title: qsTr("Export this chat")
        endings: ["md", "json"]
        nameFilters: [qsTr("Markdown (*.md)"), qsTr("JSON (*.json)")]
        onAccepted: root.chat.exportCurrent(target())
    }
    SaveDialog {
        id: all
        chat: root.chat
        title: qsTr("Export all chats")
        endings: ["json"]
        nameFilters: [qsTr("JSON (*.json)")]
        onAccepted: root.chat.exportAll(target())
    }
    FileDialog {
        id: text
        title: qsTr("Attach a text or PDF file")
        fileMode: FileDialog.OpenFile
        onAccepted: root.chat.attachments.attach(selectedFile)
    }
    FileDialog {
        id: incoming
        title: qsTr("Import chats of Fovea, Open WebUI or ChatGPT")
        fileMode: FileDialog.OpenFile
        nameFilters: [qsTr("JSON (*.json)"), qsTr("All files (*)")]
        onAccepted: root.chat.importFrom(selectedFile)
    }
}

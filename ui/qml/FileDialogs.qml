import QtQuick
import QtQuick.Dialogs
import Fovea

// Where chats are written to and read from.
Item {
    id: root

    required property ChatController chat

    function exportCurrent() { one.open() }
    function exportAll() { all.open() }
    function attach() { text.open() }
    function importChats() { incoming.open() }

    FileDialog {
        id: one
        title: qsTr("Export this chat")
        fileMode: FileDialog.SaveFile
        defaultSuffix: selectedNameFilter.index === 1 ? "json" : "md"
        nameFilters: [qsTr("Markdown (*.md)"), qsTr("JSON (*.json)")]
        onAccepted: root.chat.exportCurrent(selectedFile)
    }
    FileDialog {
        id: all
        title: qsTr("Export all chats")
        fileMode: FileDialog.SaveFile
        defaultSuffix: "json"
        nameFilters: [qsTr("JSON (*.json)")]
        onAccepted: root.chat.exportAll(selectedFile)
    }
    FileDialog {
        id: text
        title: qsTr("Attach a text file")
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

import QtQuick
import QtQuick.Dialogs
import Fovea

// Where to write a file, and as what. `endings`: one for each of the name filters.
FileDialog {
    id: root

    required property ChatController chat
    property var endings: []
    property string proposal

    /// Opens in the user's documents, with `name` as a proposal; what no file can be called is left out.
    function propose(name) {
        const cleaned = name.replace(/[\/\\:*?"<>|\u0000-\u001f]/g, " ").replace(/[.\s]+$/, "").trim()
        // Qt 6.4's own dialog, shown where the desktop has none, knows no folder by itself.
        currentFolder = chat.documentsFolder
        proposal = chat.documentsFolder + "/" + encodeURIComponent(cleaned) + "." + defaultSuffix
        selectedFile = proposal
        open()
    }
    /// What was chosen. A proposal that was left as it is ends as the filter says, and so does a name without an end.
    function target() {
        const selected = selectedFile.toString()
        // Qt 6.4's own dialog leaves the scheme out where the name was typed.
        const chosen = selected.startsWith("/") ? "file://" + selected : selected
        if (decodeURIComponent(chosen) === decodeURIComponent(proposal))
            return proposal.replace(/[^.]+$/, defaultSuffix)
        return /\.[^/.]*$/.test(chosen) ? chosen : chosen + "." + defaultSuffix
    }

    fileMode: FileDialog.SaveFile
    acceptLabel: qsTr("Save")
    defaultSuffix: endings[Math.max(0, selectedNameFilter.index)]
}

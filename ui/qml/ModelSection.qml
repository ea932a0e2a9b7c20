import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import Fovea

// Which pair answers, where it computes, how long its memory is, and what that takes. It counts once it is loaded.
ColumnLayout {
    id: root

    required property ModelViewModel model
    required property SettingsViewModel settings
    readonly property var backends: [
        { value: "auto", name: qsTr("Automatic") },
        { value: "cpu", name: qsTr("Processor") },
        { value: "cuda", name: qsTr("GPU (CUDA)") }
    ]

    component Label: Text {
        Layout.fillWidth: true
        font.pixelSize: Theme.fontUi
        font.weight: Font.Medium
        color: Theme.text
        wrapMode: Text.Wrap
        horizontalAlignment: Text.AlignLeft
        verticalAlignment: Text.AlignVCenter
        Accessible.ignored: true
    }

    spacing: Theme.gap

    SectionHeading {
        Layout.fillWidth: true
        text: qsTr("Model")
        atDefault: root.model.isDefault
        onResetRequested: root.model.resetModel()
    }
    ModelCard {
        objectName: "verifierCard"
        Layout.fillWidth: true
        role: qsTr("Verifier")
        name: root.model.verifierName
        details: root.model.verifierDetails
        path: root.model.verifierPath
        problem: root.model.verifierProblem
        recent: root.model.recentVerifiers
        onFileWanted: {
            files.forDraft = false
            files.active = true
        }
        onChosen: path => root.model.chooseVerifier(path)
    }
    ModelCard {
        objectName: "draftCard"
        Layout.fillWidth: true
        role: qsTr("Draft")
        name: root.model.draftName
        details: root.model.draftDetails
        path: root.model.draftPath
        problem: root.model.draftProblem
        recent: root.model.recentDrafts
        removable: root.model.usesDraft
        onFileWanted: {
            files.forDraft = true
            files.active = true
        }
        onChosen: path => root.model.chooseDraft(path)
        onRemoved: root.model.chooseNoDraft()
    }
    AppButton {
        objectName: "embeddedPairButton"
        visible: !root.model.usesEmbeddedPair
        text: qsTr("Use the built-in pair")
        onClicked: root.model.chooseEmbeddedPair()
    }
    ColumnLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        Layout.topMargin: Theme.gapSmall
        spacing: Theme.gapTiny

        Label { text: qsTr("Computes on") }
        AppComboBox {
            objectName: "backendChoice"
            Layout.fillWidth: true
            name: qsTr("Computes on")
            model: root.backends
            textRole: "name"
            valueRole: "value"
            currentIndex: root.backends.findIndex(each => each.value === root.model.backend)
            onActivated: index => root.model.backend = root.backends[index].value
        }
        SmallText {
            Layout.fillWidth: true
            text: root.model.backendText
        }
    }
    StateLine {
        objectName: "backendProblem"
        Layout.fillWidth: true
        visible: root.model.backendProblem.length > 0
        text: root.model.backendProblem
        iconName: "alert"
        color: Theme.danger
        fill: Theme.dangerSurface
    }
    ColumnLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        Layout.topMargin: Theme.gapSmall
        spacing: 2

        RowLayout {
            Layout.fillWidth: true
            Layout.fillHeight: false
            Layout.minimumHeight: Theme.controlHeight
            Label { text: qsTr("Threads") }
            NumberField {
                objectName: "threadsField"
                name: qsTr("Threads")
                value: root.model.threads
                onEdited: wanted => root.model.threads = wanted
            }
        }
        SmallText {
            Layout.fillWidth: true
            text: qsTr("Of the processor; 0 takes one for each core.")
        }
    }
    ColumnLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        spacing: 2

        RowLayout {
            Layout.fillWidth: true
            Layout.fillHeight: false
            Layout.minimumHeight: Theme.controlHeight
            Label { text: qsTr("Context length") }
            NumberField {
                objectName: "contextField"
                name: qsTr("Context length, in tokens")
                value: root.model.contextTokens
                step: 256
                onEdited: wanted => root.model.contextTokens = wanted
            }
        }
        SmallText {
            Layout.fillWidth: true
            text: root.model.contextText
        }
    }
    Label {
        Layout.topMargin: Theme.gapSmall
        text: qsTr("Memory")
    }
    MemoryBar {
        objectName: "memoryBar"
        Layout.fillWidth: true
        visible: root.model.memoryText.length > 0
        parts: root.model.memoryParts
        text: root.model.memoryText
        warning: root.model.memoryWarning
    }
    SmallText {
        Layout.fillWidth: true
        text: root.model.planning ? qsTr("Reading the files\u2026") : ""
    }

    ColumnLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        Layout.topMargin: Theme.gapSmall
        spacing: Theme.gapTiny

        Label { text: qsTr("Names of new chats") }
        AppComboBox {
            objectName: "titlesChoice"
            Layout.fillWidth: true
            name: qsTr("Names of new chats")
            model: [qsTr("By the model"), qsTr("The first words of the question")]
            currentIndex: root.settings.titlesByModel ? 0 : 1
            onActivated: index => root.settings.titlesByModel = index === 0
        }
        SmallText {
            Layout.fillWidth: true
            text: root.settings.titlesByModel ? qsTr("After the first answer, in the background. A model of fewer than about 1,000 million parameters, such as the one that comes with Fovea, is not asked.") : ""
        }
    }

    Loader {
        id: files

        property bool forDraft: false

        active: false
        onLoaded: item.open()
        sourceComponent: FileDialog {
            title: files.forDraft ? qsTr("Choose a draft") : qsTr("Choose a verifier")
            nameFilters: [qsTr("Models (*.gguf)"), qsTr("All files (*)")]
            onAccepted: {
                if (files.forDraft)
                    root.model.chooseDraftFile(selectedFile)
                else
                    root.model.chooseVerifierFile(selectedFile)
                files.active = false
            }
            onRejected: files.active = false
        }
    }
}

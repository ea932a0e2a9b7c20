import QtQuick
import QtQuick.Layouts
import Fovea

// How the verifier checks what is emitted.
ColumnLayout {
    id: root

    required property SettingsViewModel settings

    spacing: Theme.gap

    SectionHeading {
        Layout.fillWidth: true
        text: qsTr("Decoding")
        atDefault: root.settings.decodingIsDefault
        onResetRequested: root.settings.resetDecoding()
    }
    Repeater {
        model: root.settings.modes

        ChoiceCard {
            required property var modelData

            objectName: "mode-" + modelData.value
            Layout.fillWidth: true
            text: modelData.name
            sentence: modelData.sentence
            reason: modelData.reason
            checked: root.settings.mode === modelData.value
            onClicked: root.settings.mode = modelData.value
        }
    }
    NumberRow {
        objectName: "draftTokens"
        Layout.fillWidth: true
        Layout.topMargin: Theme.gapSmall
        option: root.settings.draftTokens
        label: qsTr("Drafted tokens")
        help: qsTr("How many the draft proposes in one step, at most. How many it does is decided by what drafting costs and brings.")
        sliderMaximum: option.maximum
    }
}

import QtQuick
import QtQuick.Layouts
import Fovea

// Which KV entries the verifier reads, and by whose attention.
ColumnLayout {
    id: root

    required property SettingsViewModel settings
    required property AlignmentViewModel alignment

    spacing: Theme.gapLarge

    SectionHeading {
        Layout.fillWidth: true
        text: qsTr("Attention")
        atDefault: root.settings.attentionIsDefault
        onResetRequested: root.settings.resetAttention()
    }
    StateLine {
        objectName: "attentionReason"
        Layout.fillWidth: true
        visible: root.settings.attentionReason.length > 0
        text: root.settings.attentionReason
        fill: Theme.hover
    }
    NumberRow {
        objectName: "attentionTopP"
        Layout.fillWidth: true
        option: root.settings.attentionTopP
        knownReason: root.settings.attentionReason
        label: qsTr("Attention top-p")
        help: qsTr("Share of the attention that is read, beside sinks and window: less reads fewer KV entries and is further from the full answer. Has nothing to do with the choice of words (that is the sampling top-p).")
        sliderMaximum: 1
    }
    ColumnLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        spacing: Theme.gapTiny

        Text {
            text: qsTr("Selector")
            font.pixelSize: Theme.fontUi
            font.weight: Font.Medium
            color: selector.enabled ? Theme.text : Theme.textMuted
            Accessible.ignored: true
        }
        AppComboBox {
            id: selector

            objectName: "selector"
            Layout.fillWidth: true
            enabled: root.settings.attentionReason.length === 0
            opacity: enabled ? 1 : 0.6
            name: qsTr("Selector")
            model: root.settings.selectors
            textRole: "name"
            valueRole: "value"
            currentIndex: root.settings.selectors.findIndex(each => each.value === root.settings.selector)
            onActivated: index => root.settings.selector = root.settings.selectors[index].value
        }
        SmallText {
            Layout.fillWidth: true
            text: selector.currentIndex >= 0 ? root.settings.selectors[selector.currentIndex].sentence : ""
        }
    }
    NumberRow {
        objectName: "budget"
        Layout.fillWidth: true
        option: root.settings.budget
        knownReason: root.settings.attentionReason
        label: qsTr("Budget")
        help: qsTr("Share of the KV entries that are read.")
        sliderMaximum: 1
    }
    NumberRow {
        objectName: "sinks"
        Layout.fillWidth: true
        option: root.settings.sinks
        knownReason: root.settings.attentionReason
        label: qsTr("Sinks")
        help: qsTr("First tokens of the chat, always read.")
    }
    NumberRow {
        objectName: "window"
        Layout.fillWidth: true
        option: root.settings.window
        knownReason: root.settings.attentionReason
        label: qsTr("Window")
        help: qsTr("Last tokens before the one to come, always read.")
    }
    NumberRow {
        objectName: "denseLayers"
        Layout.fillWidth: true
        option: root.settings.denseLayers
        knownReason: root.settings.attentionReason
        label: qsTr("Dense layers")
        help: qsTr("First layers of the verifier that read everything.")
    }
    AlignmentPart {
        Layout.fillWidth: true
        alignment: root.alignment
    }
}

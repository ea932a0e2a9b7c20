import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// How the next word is drawn.
ColumnLayout {
    id: root

    required property SettingsViewModel settings

    spacing: Theme.gapLarge

    SectionHeading {
        Layout.fillWidth: true
        text: qsTr("Sampling")
        atDefault: root.settings.samplingIsDefault
        onResetRequested: root.settings.resetSampling()
    }
    NumberRow {
        objectName: "temperature"
        Layout.fillWidth: true
        option: root.settings.temperature
        label: qsTr("Temperature")
        help: qsTr("How daring: 0 always takes the likeliest token.")
        sliderMaximum: 2
    }
    NumberRow {
        objectName: "samplingTopP"
        Layout.fillWidth: true
        option: root.settings.samplingTopP
        label: qsTr("Sampling top-p")
        help: qsTr("Draws from the likeliest tokens that together have this probability; 1 keeps all. Has nothing to do with what is read (that is the attention top-p).")
        sliderMaximum: 1
    }
    NumberRow {
        objectName: "topK"
        Layout.fillWidth: true
        option: root.settings.topK
        label: qsTr("Top-k")
        help: qsTr("Draws from this many of the likeliest tokens; 0 keeps all.")
    }
    NumberRow {
        objectName: "minP"
        Layout.fillWidth: true
        option: root.settings.minP
        label: qsTr("Min-p")
        help: qsTr("Leaves out what is less likely than this times the likeliest; 0 keeps all.")
        sliderMaximum: 0.5
    }
    NumberRow {
        objectName: "repetitionPenalty"
        Layout.fillWidth: true
        option: root.settings.repetitionPenalty
        label: qsTr("Repetition penalty")
        help: qsTr("Makes tokens that came lately less likely; 1 is off.")
        sliderMaximum: 2
    }
    NumberRow {
        objectName: "repetitionWindow"
        Layout.fillWidth: true
        option: root.settings.repetitionWindow
        label: qsTr("Repetition window")
        help: qsTr("How many of the last tokens count as lately.")
    }
    NumberRow {
        objectName: "maxTokens"
        Layout.fillWidth: true
        option: root.settings.maxTokens
        label: qsTr("Longest answer")
        help: qsTr("In tokens; an answer that meets it is cut off.")
    }
    ColumnLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        spacing: 2

        RowLayout {
            Layout.fillWidth: true
            Layout.fillHeight: false
            Layout.minimumHeight: Theme.controlHeight
            spacing: Theme.gapSmall

            Text {
                Layout.fillWidth: true
                text: qsTr("Seed")
                font.pixelSize: Theme.fontUi
                font.weight: Font.Medium
                color: seed.enabled ? Theme.text : Theme.textMuted
                horizontalAlignment: Text.AlignLeft
                verticalAlignment: Text.AlignVCenter
                Accessible.ignored: true
            }
            TextField {
                id: seed

                objectName: "seedField"
                Layout.preferredWidth: Theme.fontUi * 11
                implicitHeight: Theme.controlHeight
                enabled: root.settings.seedReason.length === 0
                opacity: enabled ? 1 : 0.6
                text: root.settings.seed
                placeholderText: qsTr("random")
                placeholderTextColor: Theme.textMuted
                font.pixelSize: Theme.fontUi
                color: Theme.text
                selectionColor: Theme.selectionBackground
                selectedTextColor: Theme.text
                selectByMouse: true
                inputMethodHints: Qt.ImhDigitsOnly
                maximumLength: 20
                topPadding: 0
                bottomPadding: 0
                leftPadding: Theme.gapSmall
                rightPadding: Theme.gapSmall
                Accessible.name: qsTr("Seed")
                background: Rectangle {
                    radius: Theme.radiusSmall
                    color: Theme.surface
                    border.width: seed.activeFocus ? 2 : 1
                    border.color: seed.activeFocus ? Theme.accent : Theme.borderStrong
                }
                onEditingFinished: {
                    root.settings.seed = text
                    text = Qt.binding(() => root.settings.seed)
                }
            }
        }
        SmallText {
            Layout.fillWidth: true
            text: seed.enabled ? qsTr("The same seed and chat give the same answer. Empty: another one each time.")
                               : root.settings.seedReason
            font.italic: !seed.enabled
        }
    }
}

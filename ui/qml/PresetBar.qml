import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// All options of a turn under one name: choose, save, delete.
ColumnLayout {
    id: root

    required property SettingsViewModel settings
    readonly property var presets: settings.presets
    readonly property int current: settings.preset
    readonly property var chosen: presets[current] ?? null
    readonly property bool own: chosen !== null && !chosen.builtin
    property bool naming: false
    property string problem

    function save() {
        problem = settings.savePreset(nameField.text)
        if (problem.length === 0)
            naming = false
    }

    spacing: Theme.gapTiny

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gapSmall

        AppComboBox {
            objectName: "presetChoice"
            Layout.fillWidth: true
            name: qsTr("Preset")
            model: root.presets
            textRole: "name"
            currentIndex: root.current
            displayText: root.chosen ? qsTr("Preset: %1").arg(root.chosen.name)
                                     : qsTr("Preset: none, your own choices")
            onActivated: index => {
                root.settings.choosePreset(index)
                currentIndex = Qt.binding(() => root.current)
            }
        }
        IconButton {
            objectName: "savePresetButton"
            iconName: "plus"
            text: qsTr("Save as a preset")
            onClicked: {
                root.problem = ""
                root.naming = !root.naming
            }
        }
        IconButton {
            objectName: "removePresetButton"
            visible: root.own
            iconName: "trash"
            text: qsTr("Delete this preset")
            onClicked: root.settings.removePreset(root.current)
        }
    }
    SmallText {
        objectName: "presetSentence"
        Layout.fillWidth: true
        text: root.chosen ? root.chosen.sentence : ""
    }
    RowLayout {
        Layout.fillWidth: true
        visible: root.naming
        spacing: Theme.gapSmall

        TextField {
            id: nameField

            objectName: "presetName"
            Layout.fillWidth: true
            implicitHeight: Theme.controlHeight
            font.pixelSize: Theme.fontUi
            color: Theme.text
            selectionColor: Theme.selectionBackground
            selectedTextColor: Theme.text
            selectByMouse: true
            placeholderText: qsTr("Name of the preset")
            placeholderTextColor: Theme.textMuted
            topPadding: 0
            bottomPadding: 0
            leftPadding: Theme.gapSmall
            rightPadding: Theme.gapSmall
            Accessible.name: placeholderText
            background: Rectangle {
                radius: Theme.radiusSmall
                color: Theme.surface
                border.width: nameField.activeFocus ? 2 : 1
                border.color: nameField.activeFocus ? Theme.accent : Theme.borderStrong
            }
            onVisibleChanged: {
                if (visible) {
                    clear()
                    forceActiveFocus()
                }
            }
            onAccepted: root.save()
            Keys.onEscapePressed: root.naming = false
        }
        AppButton {
            objectName: "presetSaveButton"
            primary: true
            text: qsTr("Save")
            onClicked: root.save()
        }
    }
    SmallText {
        Layout.fillWidth: true
        visible: root.naming && text.length > 0
        text: root.problem
        color: Theme.danger
    }
}

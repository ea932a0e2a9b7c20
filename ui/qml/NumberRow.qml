import QtQuick
import QtQuick.Layouts
import Fovea

// One number of the options: its name, its value, a slider where the range is small, and what it does, or why it does
// nothing now.
ColumnLayout {
    id: root

    required property NumberOption option
    property string label
    property string help
    /// Above 0: a slider up to this value. More than that can be typed.
    property real sliderMaximum: 0
    /// Said above already: not repeated here.
    property string knownReason
    readonly property bool applies: option.idleReason.length === 0

    Layout.fillHeight: false  // never pressed flat
    spacing: 2

    RowLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        Layout.minimumHeight: Theme.controlHeight
        spacing: Theme.gapSmall

        Text {
            Layout.fillWidth: true
            text: root.label
            font.pixelSize: Theme.fontUi
            font.weight: Font.Medium
            color: root.applies ? Theme.text : Theme.textMuted
            elide: Text.ElideRight
            horizontalAlignment: Text.AlignLeft
            verticalAlignment: Text.AlignVCenter
            textFormat: Text.PlainText
            Accessible.ignored: true
        }
        NumberField {
            objectName: root.objectName + "Field"
            enabled: root.applies
            opacity: enabled ? 1 : 0.6
            name: root.label
            value: root.option.value
            step: root.option.step
            decimals: root.option.decimals
            Accessible.description: root.applies ? root.help : root.option.idleReason
            onEdited: wanted => root.option.value = wanted
        }
    }
    AppSlider {
        objectName: root.objectName + "Slider"
        Layout.fillWidth: true
        visible: root.sliderMaximum > 0
        enabled: root.applies
        opacity: enabled ? 1 : 0.4
        name: root.label
        from: root.option.minimum
        to: root.sliderMaximum
        stepSize: root.option.step
        value: root.option.value
        Accessible.description: root.help
        onMoved: root.option.value = value
    }
    SmallText {
        Layout.fillWidth: true
        readonly property bool reasoned: !root.applies && root.option.idleReason !== root.knownReason
        text: reasoned ? root.option.idleReason : root.help
        font.italic: reasoned
    }
}

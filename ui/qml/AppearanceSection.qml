import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// How the window looks. It counts at once, the language from the next start on.
ColumnLayout {
    id: root

    required property Appearance appearance
    readonly property var themes: [
        { value: "system", name: qsTr("As the system") },
        { value: "light", name: qsTr("Light") },
        { value: "dark", name: qsTr("Dark") },
        { value: "high-contrast", name: qsTr("High contrast") }
    ]

    component Label: Text {
        font.pixelSize: Theme.fontUi
        font.weight: Font.Medium
        color: Theme.text
        horizontalAlignment: Text.AlignLeft
        verticalAlignment: Text.AlignVCenter
        Accessible.ignored: true
    }

    spacing: Theme.gapLarge

    SectionHeading {
        Layout.fillWidth: true
        text: qsTr("Appearance")
        atDefault: root.appearance.isDefault
        onResetRequested: root.appearance.reset()
    }
    ColumnLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        spacing: Theme.gapTiny

        Label { text: qsTr("Theme") }
        AppComboBox {
            objectName: "themeChoice"
            Layout.fillWidth: true
            name: qsTr("Theme")
            model: root.themes
            textRole: "name"
            valueRole: "value"
            currentIndex: root.themes.findIndex(each => each.value === root.appearance.theme)
            onActivated: index => root.appearance.theme = root.themes[index].value
        }
        SmallText {
            Layout.fillWidth: true
            text: root.appearance.theme === "high-contrast" ? qsTr("Light or dark follows the system.") : ""
        }
    }
    ColumnLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        spacing: 2

        RowLayout {
            Layout.fillWidth: true
            Layout.fillHeight: false
            Label {
                Layout.fillWidth: true
                text: qsTr("Font size")
            }
            Label {
                text: qsTr("%1%").arg(root.appearance.fontPercent)
                color: Theme.textMuted
            }
        }
        AppSlider {
            objectName: "fontSlider"
            Layout.fillWidth: true
            name: qsTr("Font size")
            from: root.appearance.minimumFontPercent
            to: root.appearance.maximumFontPercent
            stepSize: 5
            snapMode: Slider.SnapAlways
            value: root.appearance.fontPercent
            // Let go first: the slider itself changes its place with the size.
            onPressedChanged: if (!pressed) root.appearance.fontPercent = Math.round(value)
            onMoved: if (!pressed) root.appearance.fontPercent = Math.round(value)
        }
    }
    ColumnLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        spacing: Theme.gapTiny

        Label { text: qsTr("Language") }
        AppComboBox {
            objectName: "languageChoice"
            Layout.fillWidth: true
            name: qsTr("Language")
            model: root.appearance.languages
            textRole: "name"
            valueRole: "value"
            currentIndex: root.appearance.languages.findIndex(each => each.value === root.appearance.language)
            onActivated: index => root.appearance.language = root.appearance.languages[index].value
        }
        SmallText {
            Layout.fillWidth: true
            text: qsTr("Counts from the next start on.")
        }
    }
}

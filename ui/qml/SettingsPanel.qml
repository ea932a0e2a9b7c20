import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// The settings: the model and what a turn is asked with. All but the model counts from the next question on.
FocusScope {
    id: root

    required property ChatController chat
    property Appearance appearance: null
    property string section: "model"
    readonly property var sections: {
        const all = [
            { value: "model", name: qsTr("Model") },
            { value: "decoding", name: qsTr("Decoding") },
            { value: "attention", name: qsTr("Attention") },
            { value: "sampling", name: qsTr("Sampling") }
        ]
        return appearance ? all.concat([{ value: "appearance", name: qsTr("Appearance") }]) : all
    }
    readonly property bool ofTurn: section === "decoding" || section === "attention" || section === "sampling"

    signal closed()
    signal welcomeRequested()
    signal aboutRequested()

    implicitWidth: Theme.panelWidth
    width: implicitWidth  // from the first moment on: texts that wrap in no width are slow to recover
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Settings")
    Keys.onEscapePressed: closed()
    // What is typed here is not meant for the chat.
    Keys.onPressed: event => event.accepted = event.text.length > 0 && !(event.modifiers & Qt.ControlModifier)

    Rectangle {
        anchors.fill: parent
        color: Theme.sidebar
    }
    Rectangle {
        anchors { top: parent.top; bottom: parent.bottom; left: parent.left }
        width: 1
        color: Theme.border
    }

    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        RowLayout {
            Layout.fillWidth: true
            Layout.preferredHeight: 56
            Layout.leftMargin: Theme.gapLarge
            Layout.rightMargin: Theme.gapSmall

            Text {
                Layout.fillWidth: true
                text: qsTr("Settings")
                font.pixelSize: Theme.fontTitle
                font.weight: Font.DemiBold
                color: Theme.text
                horizontalAlignment: Text.AlignLeft
                Accessible.role: Accessible.Heading
                Accessible.name: text
            }
            IconButton {
                objectName: "closeSettingsButton"
                iconName: "close"
                text: qsTr("Close the settings")
                shortcutText: "Esc"
                onClicked: root.closed()
            }
        }
        Flow {
            id: tabs

            Layout.fillWidth: true
            Layout.leftMargin: Theme.gapSmall
            Layout.rightMargin: Theme.gapSmall
            spacing: 2
            Accessible.role: Accessible.PageTabList

            Repeater {
                model: root.sections
                PanelTab {
                    required property var modelData
                    required property int index

                    objectName: "tab-" + modelData.value
                    focus: checked
                    text: modelData.name
                    checked: root.section === modelData.value
                    onClicked: root.section = modelData.value
                    Keys.onRightPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
                    Keys.onLeftPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
                }
            }
        }
        PresetBar {
            Layout.fillWidth: true
            Layout.margins: Theme.gapLarge
            Layout.bottomMargin: 0
            visible: root.ofTurn
            settings: root.chat.settings
        }
        Rectangle {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gap
            implicitHeight: 1
            color: Theme.border
        }
        Flickable {
            id: scroller

            objectName: "settingsScroller"
            Layout.fillWidth: true
            Layout.fillHeight: true
            contentWidth: width
            contentHeight: content.height + 2 * Theme.gapLarge
            boundsBehavior: Flickable.StopAtBounds
            clip: true
            ScrollBar.vertical: AppScrollBar {}

            // What the keyboard reaches comes into sight.
            readonly property Item focused: Window.activeFocusItem
            onFocusedChanged: {
                for (let item = focused; item; item = item.parent) {
                    if (item !== content)
                        continue
                    const place = focused.mapToItem(content, 0, 0).y + Theme.gapLarge
                    contentY = Math.max(0, Math.max(Math.min(contentY, place - Theme.gapLarge),
                                                    place + focused.height + Theme.gapLarge - height))
                }
            }

            Loader {
                id: content

                x: Theme.gapLarge
                y: Theme.gapLarge
                width: root.width - 2 * Theme.gapLarge
                height: item ? item.implicitHeight : 0
                sourceComponent: ({ model: modelSection, decoding: decodingSection, attention: attentionSection,
                                    sampling: samplingSection, appearance: appearanceSection })[root.section]
                onLoaded: scroller.contentY = 0
            }
        }
        Rectangle {
            Layout.fillWidth: true
            implicitHeight: 1
            color: Theme.border
        }
        LoadBar {
            Layout.fillWidth: true
            Layout.margins: Theme.gapLarge
            Layout.bottomMargin: Theme.gapSmall
            model: root.chat.model
            answering: root.chat.answeringHere || root.chat.answeringElsewhere
            visible: root.section === "model" && (model.loading || model.differs || model.loadError.length > 0)
        }
        SmallText {
            Layout.fillWidth: true
            Layout.leftMargin: Theme.gapLarge
            Layout.rightMargin: Theme.gapLarge
            Layout.topMargin: Theme.gapSmall
            visible: root.ofTurn
            text: root.chat.answeringHere || root.chat.answeringElsewhere
                  ? qsTr("Counts from the next question on, in all chats; the answer under way keeps what it began with.")
                  : qsTr("Counts from the next question on, in all chats. Nothing is loaded again.")
        }
        StateLine {
            Layout.fillWidth: true
            Layout.margins: Theme.gapLarge
            Layout.bottomMargin: 0
            visible: root.chat.settings.saveError.length > 0
            text: root.chat.settings.saveError
            iconName: "alert"
            color: Theme.danger
            fill: Theme.dangerSurface
        }
        Flow {
            Layout.fillWidth: true
            Layout.margins: Theme.gapSmall
            spacing: Theme.gapTiny

            AppButton {
                objectName: "welcomeButton"
                text: qsTr("Welcome")
                borderColor: "transparent"
                textColor: Theme.accent
                implicitHeight: Theme.controlHeight - 6
                onClicked: root.welcomeRequested()
            }
            AppButton {
                objectName: "aboutButton"
                text: qsTr("About Fovea")
                borderColor: "transparent"
                textColor: Theme.accent
                implicitHeight: Theme.controlHeight - 6
                onClicked: root.aboutRequested()
            }
        }
    }

    Component {
        id: modelSection
        ModelSection { model: root.chat.model; settings: root.chat.settings }
    }
    Component {
        id: decodingSection
        DecodingSection { settings: root.chat.settings }
    }
    Component {
        id: attentionSection
        AttentionSection {
            settings: root.chat.settings
            alignment: root.chat.alignment
        }
    }
    Component {
        id: samplingSection
        SamplingSection { settings: root.chat.settings }
    }
    Component {
        id: appearanceSection
        AppearanceSection { appearance: root.appearance }
    }
}

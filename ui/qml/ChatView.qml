import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// The whole window inside its frame: chats on the left, the chat in the middle, and a place on the right for panels.
FocusScope {
    id: root

    required property ChatController chat
    property Appearance appearance: null
    /// Shown at the right of the chat when it is set, at its implicit width; over the chat where there is no room.
    property Component sidePanel: null
    property string settingsSection: "model"
    property string insightsPage: "figures"
    property bool sidebarOpen: true

    readonly property bool narrow: width < Theme.narrowWidth
    readonly property bool roomForPanel: !narrow && width - (sidebarOpen ? Theme.sidebarWidth : 0) - Theme.panelWidth >= 400
    readonly property bool settingsShown: sidePanel === settingsPanel
    readonly property bool empty: chat.messages.count === 0 && !chat.messages.loading
    readonly property bool dialogOpen: search.visible || shortcuts.visible || systemPrompt.visible || about.visible || welcome.visible
    readonly property bool busy: chat.answeringHere || chat.answeringElsewhere

    function toggleSidebar() {
        if (narrow)
            drawer.visible ? drawer.close() : drawer.open()
        else
            sidebarOpen = !sidebarOpen
    }
    function toComposer() {
        drawer.close()
        composer.focusInput()
    }
    function togglePanel(panel) {
        sidePanel = sidePanel === panel ? null : panel
        if (sidePanel === null)
            toComposer()
        else
            (roomForPanel ? sideLoader : sheetLoader).item.forceActiveFocus(Qt.TabFocusReason)
    }
    function closePanel() {
        sidePanel = null
        toComposer()
    }
    function openSettings(section) {
        if (section)
            settingsSection = section
        if (!settingsShown)
            togglePanel(settingsPanel)
    }
    function newChat() {
        chat.newChat()
        toComposer()
    }
    function renameChat() {
        if (sidebar.visible && sidebar.list.activeFocus)
            sidebar.list.editCurrent()
        else
            header.rename()
    }

    Component.onCompleted: {
        composer.focusInput()
        if (appearance && !chat.settings.welcomed)
            welcome.open()
    }
    onNarrowChanged: if (!narrow) drawer.close()

    // Whoever types while reading means the composer.
    Keys.onPressed: event => {
        const command = event.modifiers & (Qt.ControlModifier | Qt.AltModifier | Qt.MetaModifier)
        if (command || event.text.length === 0 || event.text.charCodeAt(0) < 32 || event.key === Qt.Key_Delete)
            return
        composer.typed(event.text)
        event.accepted = true
    }

    Shortcut { sequences: [StandardKey.New]; onActivated: root.newChat() }
    Shortcut { sequence: "Ctrl+K"; onActivated: search.open() }
    Shortcut { sequence: "Ctrl+/"; onActivated: shortcuts.open() }
    Shortcut { sequence: "F2"; onActivated: root.renameChat() }
    Shortcut { sequence: "Ctrl+B"; onActivated: root.toggleSidebar() }
    Shortcut { sequence: "Ctrl+,"; onActivated: root.togglePanel(settingsPanel) }
    Shortcut { sequence: "Esc"; enabled: root.busy && !root.dialogOpen; onActivated: root.chat.stop() }
    Shortcut { sequence: "Ctrl+I"; onActivated: root.togglePanel(insightsPanel) }

    Rectangle {
        anchors.fill: parent
        color: Theme.window
    }

    RowLayout {
        anchors.fill: parent
        spacing: 0

        Sidebar {
            id: sidebar

            Layout.preferredWidth: Theme.sidebarWidth
            Layout.fillHeight: true
            visible: !root.narrow && root.sidebarOpen
            chat: root.chat
            onChatOpened: root.toComposer()
            onSearchRequested: search.open()
            onExportRequested: files.exportAll()
            onImportRequested: files.importChats()
        }

        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: 0

            ChatHeader {
                id: header

                objectName: "chatHeader"
                Layout.fillWidth: true
                chat: root.chat
                sidebarShown: sidebar.visible
                settingsShown: root.settingsShown
                onSidebarToggled: root.toggleSidebar()
                onSettingsToggled: root.togglePanel(settingsPanel)
                insightsShown: root.sidePanel === insightsPanel
                onInsightsToggled: root.togglePanel(insightsPanel)
                onEditingFinished: composer.focusInput()
                onSystemPromptRequested: systemPrompt.open()
                onExportRequested: files.exportCurrent()
                onShortcutsRequested: shortcuts.open()
            }
            Banners {
                Layout.fillWidth: true
                Layout.maximumWidth: Theme.columnWidth
                Layout.alignment: Qt.AlignHCenter
                Layout.margins: Theme.gapLarge
                Layout.bottomMargin: 0
                chat: root.chat
            }
            Item {
                Layout.fillWidth: true
                Layout.fillHeight: true

                MessageList {
                    anchors.fill: parent
                    visible: !root.empty
                    chat: root.chat
                    onEditRequested: row => composer.edit(root.chat.beginEdit(row))
                }
                EmptyState {
                    anchors.fill: parent
                    visible: root.empty
                    chat: root.chat
                }
                UndoToast {
                    anchors.horizontalCenter: parent.horizontalCenter
                    anchors.bottom: parent.bottom
                    anchors.bottomMargin: Theme.gap
                    width: Math.min(implicitWidth, parent.width - 2 * Theme.gapLarge)
                    chat: root.chat
                }
            }
            Composer {
                id: composer

                focus: true
                Layout.fillWidth: true
                Layout.topMargin: Theme.gapSmall
                Layout.bottomMargin: Theme.gapSmall
                chat: root.chat
                onAttachRequested: files.attach()
                onSearchRequested: search.open()
            }
            StatusBar {
                Layout.fillWidth: true
                chat: root.chat
            }
        }

        Loader {
            id: sideLoader

            Layout.fillHeight: true
            visible: active
            active: root.sidePanel !== null && root.roomForPanel
            sourceComponent: root.sidePanel
        }
    }

    Component {
        id: settingsPanel

        SettingsPanel {
            objectName: "settingsPanel"
            chat: root.chat
            appearance: root.appearance
            section: root.settingsSection
            onSectionChanged: root.settingsSection = section
            onClosed: root.closePanel()
            onWelcomeRequested: welcome.open()
            onAboutRequested: about.open()
        }
    }
    WelcomeDialog {
        id: welcome
        onModelRequested: root.openSettings("model")
        onClosed: root.chat.settings.setWelcomed()
    }
    AboutDialog {
        id: about
        onWelcomeRequested: welcome.open()
    }
    Drawer {
        id: sheet

        readonly property bool wanted: root.sidePanel !== null && !root.roomForPanel

        width: Math.min(Theme.panelWidth, root.width)
        height: root.height
        edge: root.LayoutMirroring.enabled ? Qt.LeftEdge : Qt.RightEdge
        interactive: visible
        padding: 0
        background: Rectangle { color: Theme.sidebar }
        onWantedChanged: wanted ? open() : close()
        onClosed: if (wanted) root.closePanel()

        Loader {
            id: sheetLoader

            anchors.fill: parent
            active: sheet.wanted
            sourceComponent: root.sidePanel
        }
    }

    // Text files dropped anywhere go with the next question.
    DropArea {
        anchors.fill: parent
        keys: ["text/uri-list"]
        onDropped: drop => {
            for (const url of drop.urls)
                root.chat.attachments.attach(url)
        }
    }
    ShortcutsDialog {
        id: shortcuts
        objectName: "shortcutsDialog"
    }
    SystemPromptDialog {
        id: systemPrompt
        chat: root.chat
    }
    FileDialogs {
        id: files
        chat: root.chat
    }
    SearchDialog {
        id: search

        chat: root.chat
        onHitOpened: root.toComposer()
    }
    Component {
        id: insightsPanel
        InsightsPanel {
            objectName: "insightsPanel"
            chat: root.chat
            page: root.insightsPage
            onPageChanged: root.insightsPage = page
            onClosed: root.closePanel()
        }
    }

    Drawer {
        id: drawer

        width: Math.min(Theme.sidebarWidth + 24, root.width * 0.85)
        height: root.height
        edge: Qt.LeftEdge
        interactive: root.narrow
        padding: 0
        background: Rectangle { color: Theme.sidebar }

        Sidebar {
            anchors.fill: parent
            chat: root.chat
            onChatOpened: root.toComposer()
            onSearchRequested: {
                drawer.close()
                search.open()
            }
            onExportRequested: files.exportAll()
            onImportRequested: files.importChats()
        }
    }
}

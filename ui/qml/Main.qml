import QtQuick
import QtQuick.Controls.Basic
import Fovea

// The window. Everything in it is in ChatView, which tests show without a window of this kind.
ApplicationWindow {
    id: root

    required property ChatController chat
    required property Appearance appearance

    visible: false
    width: 1120
    height: 760
    minimumWidth: 380
    minimumHeight: 420
    title: chat.hasConversation ? qsTr("%1 \u2013 Fovea").arg(chat.title) : qsTr("Fovea")
    color: Theme.window

    LayoutMirroring.enabled: Application.layoutDirection === Qt.RightToLeft
    LayoutMirroring.childrenInherit: true

    palette.window: Theme.window
    palette.windowText: Theme.text
    palette.base: Theme.surface
    palette.text: Theme.text
    palette.button: Theme.surface
    palette.buttonText: Theme.text
    palette.highlight: Theme.accent
    palette.highlightedText: Theme.accentText
    palette.placeholderText: Theme.textMuted

    Binding { target: Theme; property: "dark"; value: root.appearance.dark }
    Binding { target: Theme; property: "highContrast"; value: root.appearance.highContrast }
    Binding { target: Theme; property: "systemFontPixels"; value: root.appearance.fontPixelSize }

    Shortcut { sequences: [StandardKey.Quit]; onActivated: root.close() }

    property bool closeAccepted: false
    onClosing: event => {
        event.accepted = closeAccepted || !(chat.answeringHere || chat.answeringElsewhere)
        if (!event.accepted)
            closeDialog.open()
    }
    CloseDialog {
        id: closeDialog

        onCloseAccepted: {
            root.closeAccepted = true
            root.close()
        }
    }

    ChatView {
        objectName: "chatView"
        anchors.fill: parent
        focus: true
        chat: root.chat
        appearance: root.appearance
    }
}

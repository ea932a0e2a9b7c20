import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// Says what was done, and offers for a few seconds to bring removed chats back; it waits while the mouse or the keyboard is on it.
Rectangle {
    id: root

    required property ChatController chat
    property string message
    property bool undoable: true
    property bool open: false
    property alias timeout: timer.interval

    function dismiss() {
        open = false
        chat.forgetRemoved()
    }

    implicitWidth: row.implicitWidth + 2 * Theme.gapSmall + Theme.gapSmall
    implicitHeight: Math.max(Theme.controlHeight, row.implicitHeight) + Theme.gap
    radius: Theme.radius
    color: Theme.toast
    opacity: open ? 1 : 0
    visible: opacity > 0
    Accessible.role: Accessible.AlertMessage
    Accessible.name: message
    Behavior on opacity { NumberAnimation { duration: Theme.animation } }

    Connections {
        target: root.chat
        function onNotice(text) {
            root.undoable = false
            root.message = text
            root.open = true
            timer.restart()
        }
        function onRemoved(count, lastTitle) {
            root.undoable = true
            root.message = count === 1 ? qsTr("Deleted \u201c%1\u201d").arg(lastTitle) : qsTr("Deleted %1 chats").arg(count)
            root.open = true
            timer.restart()
        }
        function onBranchRemoved() {
            root.undoable = true
            root.message = qsTr("Deleted a part of this chat")
            root.open = true
            timer.restart()
        }
    }
    Timer {
        id: timer
        interval: 8000
        running: root.open && !hover.hovered && !undoButton.activeFocus && !closeButton.activeFocus
        onTriggered: root.dismiss()
    }
    HoverHandler { id: hover }

    RowLayout {
        id: row

        anchors.fill: parent
        anchors.leftMargin: Theme.gapLarge
        anchors.rightMargin: Theme.gapTiny + 2
        spacing: Theme.gapSmall

        Text {
            objectName: "toastText"
            Layout.fillWidth: true
            Layout.maximumWidth: Math.min(implicitWidth, root.undoable ? 320 : 560)
            text: root.message
            // What went wrong is read to its end.
            wrapMode: root.undoable ? Text.NoWrap : Text.Wrap
            maximumLineCount: root.undoable ? 1 : 4
            font.pixelSize: Theme.fontUi
            color: Theme.toastText
            elide: Text.ElideRight
            textFormat: Text.PlainText
        }
        AppButton {
            id: undoButton

            objectName: "undoButton"
            visible: root.undoable
            text: qsTr("Undo")
            textColor: Theme.toastAccent
            borderColor: "transparent"
            font.weight: Font.DemiBold
            implicitWidth: 72
            onClicked: {
                root.open = false
                root.chat.undoRemove()
            }
        }
        IconButton {
            id: closeButton

            iconName: "close"
            iconSize: 16
            iconColor: Theme.toastText
            activeColor: Theme.toastAccent
            text: qsTr("Close")
            onClicked: root.dismiss()
        }
    }
}

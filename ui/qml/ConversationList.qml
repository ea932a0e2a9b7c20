import QtQuick
import QtQuick.Controls.Basic
import Fovea

// The list of chats under headings of time. Up and Down choose, Enter opens and goes on to the composer, Delete
// removes; F2 is ChatView's and calls editCurrent().
ListView {
    id: root

    required property ChatController chat

    signal opened()

    function editCurrent() {
        if (currentItem)
            currentItem.edit()
    }

    clip: true
    focus: true
    activeFocusOnTab: true
    model: chat.conversations
    currentIndex: chat.conversations.currentRow
    boundsBehavior: Flickable.StopAtBounds
    highlightFollowsCurrentItem: true
    highlightMoveDuration: 0
    keyNavigationEnabled: false
    Accessible.role: Accessible.List
    Accessible.name: qsTr("Chats")
    ScrollBar.vertical: AppScrollBar {}

    Connections {
        target: root.chat.conversations
        function onCurrentRowChanged() { root.currentIndex = root.chat.conversations.currentRow }
    }

    section.property: "section"
    section.delegate: Text {
        required property string section

        width: ListView.view.width
        leftPadding: Theme.gapSmall + Theme.gap
        topPadding: Theme.gap
        bottomPadding: Theme.gapTiny
        text: section
        font.pixelSize: Theme.fontSmall
        font.weight: Font.DemiBold
        color: Theme.textMuted
        elide: Text.ElideRight
        Accessible.role: Accessible.Heading
        Accessible.name: section
    }

    delegate: ConversationDelegate {
        onChosen: {
            root.chat.select(index)
            root.opened()
        }
        onRenamed: title => root.chat.rename(index, title)
        onPinRequested: pinned => root.chat.setPinned(index, pinned)
        onArchiveRequested: archived => root.chat.setArchived(index, archived)
        onRemoveRequested: root.chat.remove(index)
        onEditingFinished: root.forceActiveFocus()
    }

    Keys.onUpPressed: if (currentIndex > 0) chat.select(currentIndex - 1)
    Keys.onDownPressed: if (currentIndex + 1 < count) chat.select(currentIndex + 1)
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Home && count > 0) {
            chat.select(0)
        } else if (event.key === Qt.Key_End && count > 0) {
            chat.select(count - 1)
        } else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter) {
            if (currentIndex < 0)
                return
            chat.select(currentIndex)
            opened()
        } else if (event.key === Qt.Key_Delete && currentIndex >= 0) {
            // The neighbour opens, so that a keyboard stays where it was in the list.
            const row = currentIndex
            chat.remove(row)
            if (count > 0)
                chat.select(Math.min(row, count - 1))
        } else {
            return
        }
        event.accepted = true
    }
}

import QtQuick
import QtTest
import Fovea

// What a person does with the list of chats: choose, rename, delete, undo, begin anew, by mouse and by keyboard.
Item {
    id: root

    width: 900
    height: 640

    Component {
        id: viewComponent
        ChatView {
            anchors.fill: parent
            chat: harness.chat
        }
    }

    TestCase {
        id: test

        property var view

        name: "Conversations"
        when: windowShown

        function init() {
            harness.begin(4)
            view = createTemporaryObject(viewComponent, root)
            tryCompare(harness.chat.status, "modelState", StatusViewModel.Ready)
            tryCompare(harness.chat.conversations, "count", 4)
            // Rows move while the list lays itself out; a click aimed before that would miss.
            tryVerify(() => list().itemAtIndex(3) !== null)
            verify(waitForRendering(view))
        }
        function cleanup() {
            if (view)
                view.destroy()
            view = null
            wait(0)
            harness.end()
        }
        function restart() {
            view.destroy()
            view = null
            wait(0)
            harness.restart()
        }
        function list() { return findChild(view, "conversationList") }
        function row(index) {
            tryVerify(() => list().itemAtIndex(index) !== null)
            return list().itemAtIndex(index)
        }
        function type(text) {
            for (const character of text)
                keyClick(character)
        }

        function test_a_click_opens_a_chat() {
            mouseClick(row(1))
            tryCompare(harness.chat.conversations, "currentRow", 1)
            tryCompare(harness.chat.messages, "count", 2)
            compare(findChild(view, "chatTitle").text, row(1).title)
            verify(findChild(view, "composerInput").activeFocus)
        }
        function test_arrow_keys_walk_the_list() {
            mouseClick(row(0))
            list().forceActiveFocus()
            keyClick(Qt.Key_Down)
            compare(harness.chat.conversations.currentRow, 1)
            keyClick(Qt.Key_End)
            compare(harness.chat.conversations.currentRow, 3)
            keyClick(Qt.Key_Up)
            compare(harness.chat.conversations.currentRow, 2)
            keyClick(Qt.Key_Return)
            verify(findChild(view, "composerInput").activeFocus)
        }
        function test_rename_in_the_list() {
            mouseClick(row(1))
            list().forceActiveFocus()
            keyClick(Qt.Key_F2)
            const editor = findChild(row(1), "titleEditor")
            verify(editor && editor.activeFocus)
            keyClick(Qt.Key_A, Qt.ControlModifier)
            type("renamed")
            keyClick(Qt.Key_Return)
            compare(row(1).title, "renamed")
            compare(harness.chat.title, "renamed")
            verify(list().activeFocus)
        }
        function test_rename_by_double_click() {
            mouseDoubleClickSequence(row(2))
            tryVerify(() => findChild(row(2), "titleEditor") !== null)
            verify(findChild(row(2), "titleEditor").activeFocus)
            keyClick(Qt.Key_Escape)
            tryVerify(() => findChild(row(2), "titleEditor") === null)
        }
        function test_escape_keeps_the_old_name() {
            mouseClick(row(0))
            const before = harness.chat.title
            keyClick(Qt.Key_F2)
            const editor = findChild(view, "headerTitleEditor")
            verify(editor.activeFocus)
            type("x")
            keyClick(Qt.Key_Escape)
            compare(harness.chat.title, before)
            verify(findChild(view, "composerInput").activeFocus)
        }
        function test_rename_in_the_header() {
            mouseClick(row(0))
            keyClick(Qt.Key_F2)
            type("from the header")
            keyClick(Qt.Key_Return)
            compare(harness.chat.title, "from the header")
        }
        function test_delete_and_undo() {
            const title = row(1).title
            mouseMove(row(1), 20, 10)
            const button = findChild(row(1), "removeButton")
            tryVerify(() => button.visible)
            mouseClick(button)
            compare(harness.chat.conversations.count, 3)
            const undo = findChild(view, "undoButton")
            tryVerify(() => undo.visible)
            mouseClick(undo)
            compare(harness.chat.conversations.count, 4)
            compare(row(1).title, title)
            // It came back on disk too.
            restart()
            tryCompare(harness.chat.conversations, "count", 4)
        }
        function test_deleted_stays_deleted() {
            mouseClick(row(0))
            list().forceActiveFocus()
            keyClick(Qt.Key_Delete)
            compare(harness.chat.conversations.count, 3)
            compare(harness.chat.conversations.currentRow, 0)
            keyClick(Qt.Key_Delete)
            compare(harness.chat.conversations.count, 2)
            harness.chat.forgetRemoved()
            restart()
            tryCompare(harness.chat.conversations, "count", 2)
        }
        function test_undo_brings_all_back() {
            harness.chat.remove(0)
            harness.chat.remove(0)
            compare(harness.chat.conversations.count, 2)
            harness.chat.undoRemove()
            compare(harness.chat.conversations.count, 4)
        }
        function test_new_chat() {
            mouseClick(row(0))
            tryCompare(harness.chat.messages, "count", 2)
            keyClick(Qt.Key_N, Qt.ControlModifier)
            compare(harness.chat.messages.count, 0)
            compare(harness.chat.conversations.currentRow, -1)
            compare(harness.chat.conversations.count, 4)
            verify(findChild(view, "composerInput").activeFocus)
            type("fresh start")
            keyClick(Qt.Key_Return)
            compare(harness.chat.conversations.count, 5)
            compare(harness.chat.conversations.currentRow, 0)
            tryVerify(() => !harness.chat.answeringHere)
        }
        function test_what_was_typed_stays_with_its_chat() {
            mouseClick(row(0))
            type("unsent")
            mouseClick(row(1))
            compare(findChild(view, "composerInput").text, "")
            mouseClick(row(0))
            compare(findChild(view, "composerInput").text, "unsent")
        }
        function test_narrow_windows_hide_the_list() {
            root.width = 480
            verify(!findChild(view, "conversationList").visible)
            root.width = 900
            verify(findChild(view, "conversationList").visible)
        }
    }
}

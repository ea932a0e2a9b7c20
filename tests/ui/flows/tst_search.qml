import QtQuick
import QtQuick.Templates as T
import QtQuick.Window
import QtTest
import Fovea

// What a person does with the search: type, choose by the keyboard, and land at the message.
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

        name: "Search"
        when: windowShown

        function init() {
            harness.begin(4, 30)
            view = createTemporaryObject(viewComponent, root)
            tryCompare(harness.chat.status, "modelState", StatusViewModel.Ready)
            tryCompare(harness.chat.conversations, "count", 5)
            keyClick(Qt.Key_K, Qt.ControlModifier)
            tryVerify(() => field() && field().activeFocus)
        }
        function cleanup() {
            if (view)
                view.destroy()
            view = null
            wait(0)
            harness.end()
        }
        function field() { return findChild(view.T.Overlay.overlay, "searchField") }
        function type(text) {
            for (const character of text)
                keyClick(character)
        }
        function search(text) {
            type(text)
            tryVerify(() => harness.chat.search.settled && harness.chat.search.query === text)
        }

        function test_opens_at_the_message() {
            search("part 5")
            verify(harness.chat.search.count > 0)
            keyClick(Qt.Key_Return)
            tryCompare(harness.chat.messages, "count", 60)
            const list = findChild(view, "messageView")
            tryVerify(() => list.itemAtIndex(8) !== null)
            compare(harness.chat.messages.textAt(8), "Go on, part 5.")
            tryVerify(() => {
                const y = list.itemAtIndex(8) ? list.itemAtIndex(8).y - list.contentY : -1
                return y > -5 && y < list.height
            })
            verify(findChild(view, "composerInput").activeFocus)
        }
        function test_arrows_choose() {
            search("keeper")
            verify(harness.chat.search.count > 1)
            keyClick(Qt.Key_Down)
            keyClick(Qt.Key_Return)
            tryVerify(() => harness.chat.messages.count > 0)
        }
        function test_escape_closes_it_and_lets_the_answer_go_on() {
            keyClick(Qt.Key_Escape)
            harness.allow(1)
            harness.chat.send("go")
            tryVerify(() => harness.chat.messages.textAt(1) === "Once")
            keyClick(Qt.Key_K, Qt.ControlModifier)
            tryVerify(() => field().activeFocus)
            keyClick(Qt.Key_Escape)
            tryVerify(() => !field() || !field().visible)
            verify(harness.chat.answeringHere)
            keyClick(Qt.Key_Escape)
            tryVerify(() => !harness.chat.answeringHere)
        }
        function test_the_list_of_shortcuts() {
            keyClick(Qt.Key_Escape)
            keyClick(Qt.Key_Slash, Qt.ControlModifier)
            const dialog = findChild(view, "shortcutsDialog")
            tryCompare(dialog, "opened", true)
            keyClick(Qt.Key_Escape)
            tryCompare(dialog, "visible", false)
        }
        function test_nothing_found() {
            search("xylophone")
            compare(harness.chat.search.count, 0)
            keyClick(Qt.Key_Return)
            keyClick(Qt.Key_Escape)
            compare(harness.chat.messages.count, 0)
        }
    }
}

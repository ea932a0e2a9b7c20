import QtQuick
import QtTest
import Fovea

// What a person does with one chat: ask, read along, stop, copy, and find it again.
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

        name: "Chat"
        when: windowShown

        function open(chats, longTurns) {
            harness.begin(chats, longTurns || 0)
            view = createTemporaryObject(viewComponent, root)
            verify(view)
            tryCompare(harness.chat.status, "modelState", StatusViewModel.Ready)
            tryCompare(harness.chat.conversations, "count", chats + (longTurns ? 1 : 0))
        }
        function cleanup() {
            if (view)
                view.destroy()
            view = null
            wait(0)
            harness.end()
        }
        function input() { return findChild(view, "composerInput") }
        function type(text) {
            for (const character of text)
                keyClick(character)
        }

        function test_ask_and_read() {
            open(0)
            verify(input().activeFocus)
            type("hello there")
            keyClick(Qt.Key_Return)
            compare(input().text, "")
            compare(harness.chat.messages.count, 2)
            tryVerify(() => !harness.chat.answeringHere)
            compare(harness.chat.messages.textAt(0), "hello there")
            compare(harness.chat.messages.textAt(1), "Once upon a time.")
            compare(harness.chat.title, "hello there")
            compare(harness.chat.conversations.count, 1)
            verify(findChild(view, "speedText").text.length > 0)
        }
        function test_the_stream_reaches_the_screen() {
            open(0)
            harness.allow(2)
            type("go")
            keyClick(Qt.Key_Return)
            const list = findChild(view, "messageView")
            tryVerify(() => list.itemAtIndex(1) && findChild(list.itemAtIndex(1), "messageText").plainText() === "Once upon")
            harness.allow(-1)
            tryVerify(() => findChild(list.itemAtIndex(1), "messageText").plainText() === "Once upon a time.")
            tryVerify(() => !harness.chat.answeringHere)
            compare(findChild(list.itemAtIndex(1), "messageText").plainText(), "Once upon a time.")
        }
        function test_markdown_is_shown_as_what_it_means() {
            open(0)
            harness.pieces(["# The sea\n\nIt is **wi", "de** and\n\n```python\nprint(1)", "\nprint(2)\n```\nSo ", "be it."])
            type("go")
            keyClick(Qt.Key_Return)
            tryVerify(() => !harness.chat.answeringHere)
            const list = findChild(view, "messageView")
            const answer = findChild(list.itemAtIndex(1), "messageText")
            compare(answer.plainText(), "The sea\nIt is wide and\nprint(1)\nprint(2)\nSo be it.")
            compare(findChild(answer, "codeText").text, "print(1)\nprint(2)")
            harness.setClipboard("")
            mouseClick(findChild(answer, "copyCodeButton"))
            compare(harness.clipboard(), "print(1)\nprint(2)")
            mouseClick(findChild(list.itemAtIndex(1), "copyButton"))
            compare(harness.clipboard().slice(0, 11), "# The sea\n\n")
        }
        function test_edit_the_last_question_and_switch_back() {
            open(0)
            type("one")
            keyClick(Qt.Key_Return)
            tryVerify(() => !harness.chat.answeringHere)
            keyClick(Qt.Key_Up)
            compare(input().text, "one")
            verify(findChild(view, "editBar").visible)
            keyClick(Qt.Key_Escape)
            compare(input().text, "")
            verify(!findChild(view, "editBar").visible)
            keyClick(Qt.Key_Up)
            type(" more")
            keyClick(Qt.Key_Return)
            compare(input().text, "")
            tryVerify(() => !harness.chat.answeringHere)
            compare(harness.chat.messages.count, 2)
            compare(harness.chat.messages.textAt(0), "one more")
            const list = findChild(view, "messageView")
            tryVerify(() => list.itemAtIndex(0) !== null)
            compare(findChild(list.itemAtIndex(0), "versionText").text, "2/2")
            mouseClick(findChild(list.itemAtIndex(0), "previousVersionButton"))
            compare(harness.chat.messages.textAt(0), "one")
            tryVerify(() => findChild(list.itemAtIndex(0), "versionText").text === "1/2")
        }
        function test_answer_anew_and_go_on() {
            open(0)
            harness.allow(2)
            type("go")
            keyClick(Qt.Key_Return)
            tryVerify(() => harness.chat.messages.textAt(1) === "Once upon")
            keyClick(Qt.Key_Escape)
            tryVerify(() => !harness.chat.answeringHere)
            harness.allow(-1)
            const list = findChild(view, "messageView")
            const button = findChild(list.itemAtIndex(1), "continueButton")
            tryVerify(() => button.visible)
            mouseClick(button)
            tryCompare(button, "visible", false)
            tryVerify(() => !harness.chat.answeringHere)
            compare(harness.chat.messages.textAt(1), "Once uponOnce upon a time.")
            compare(findChild(list.itemAtIndex(1), "messageText").plainText(), "Once uponOnce upon a time.")
            mouseMove(list.itemAtIndex(1), 100, 10)
            mouseClick(findChild(list.itemAtIndex(1), "regenerateButton"))
            tryVerify(() => !harness.chat.answeringHere)
            compare(harness.chat.messages.textAt(1), "Once upon a time.")
            tryVerify(() => findChild(list.itemAtIndex(1), "versionText").text === "2/2")
        }
        function test_delete_a_part_and_undo() {
            open(0, 3)
            harness.chat.select(0)
            tryCompare(harness.chat.messages, "count", 6)
            harness.chat.removeBranch(2)
            compare(harness.chat.messages.count, 2)
            const undo = findChild(view, "undoButton")
            tryVerify(() => undo.visible)
            mouseClick(undo)
            tryCompare(harness.chat.messages, "count", 6)
        }
        function test_shift_enter_breaks_the_line() {
            open(0)
            type("one")
            keyClick(Qt.Key_Return, Qt.ShiftModifier)
            type("two")
            compare(input().text, "one\ntwo")
            compare(harness.chat.messages.count, 0)
        }
        function test_white_space_is_not_sent() {
            open(0)
            type("   ")
            keyClick(Qt.Key_Return)
            compare(harness.chat.messages.count, 0)
            verify(!findChild(view, "sendButton").enabled)
        }
        function test_escape_stops() {
            open(0)
            harness.allow(2)
            type("go")
            keyClick(Qt.Key_Return)
            tryVerify(() => harness.chat.messages.textAt(1) === "Once upon")
            verify(harness.chat.answeringHere)
            keyClick(Qt.Key_Escape)
            tryVerify(() => !harness.chat.answeringHere)
            compare(harness.chat.messages.textAt(1), "Once upon")
            const row = harness.chat.messages.index(1, 0)
            compare(harness.chat.messages.data(row, Qt.UserRole + 3), MessageListModel.Stopped)
        }
        function test_the_send_button_stops_while_answering() {
            open(0)
            harness.allow(1)
            type("go")
            const button = findChild(view, "sendButton")
            mouseClick(button)
            tryVerify(() => harness.chat.messages.textAt(1) === "Once")
            verify(button.enabled)
            mouseClick(button)
            tryVerify(() => !harness.chat.answeringHere)
        }
        function test_typing_goes_on_while_answering() {
            open(0)
            harness.allow(1)
            type("go")
            keyClick(Qt.Key_Return)
            tryVerify(() => harness.chat.answeringHere)
            type("next")
            keyClick(Qt.Key_Return)
            compare(input().text, "next")
            harness.allow(-1)
            tryVerify(() => !harness.chat.answeringHere)
            keyClick(Qt.Key_Return)
            compare(harness.chat.messages.count, 4)
            tryVerify(() => !harness.chat.answeringHere)
        }
        function test_an_example_is_asked_by_a_click() {
            open(0)
            mouseClick(findChild(view, "example0"))
            compare(harness.chat.messages.count, 2)
            tryVerify(() => !harness.chat.answeringHere)
        }
        function test_copy() {
            open(1)
            harness.setClipboard("")
            harness.chat.select(0)
            tryCompare(harness.chat.messages, "count", 2)
            const list = findChild(view, "messageView")
            tryVerify(() => list.itemAtIndex(1) !== null)
            mouseClick(findChild(list.itemAtIndex(1), "copyButton"))
            compare(harness.clipboard(), harness.chat.messages.textAt(1))
        }
        function test_it_is_still_there_after_a_restart() {
            open(0)
            type("remember me")
            keyClick(Qt.Key_Return)
            tryVerify(() => !harness.chat.answeringHere)
            view.destroy()
            wait(0)
            harness.restart()
            view = createTemporaryObject(viewComponent, root)
            tryCompare(harness.chat.conversations, "count", 1)
            harness.chat.select(0)
            tryCompare(harness.chat.messages, "count", 2)
            compare(harness.chat.messages.textAt(0), "remember me")
            compare(harness.chat.messages.textAt(1), "Once upon a time.")
        }
        function test_following_stops_when_the_user_scrolls_up() {
            open(0, 12)
            harness.chat.select(0)
            tryCompare(harness.chat.messages, "count", 24)
            const list = findChild(view, "messageView")
            tryVerify(() => list.distanceToEnd < 2)

            harness.pieces(Array(200).fill("A line of the answer that goes on and on.\n"))
            harness.allow(20)
            type("go on")
            keyClick(Qt.Key_Return)
            tryVerify(() => harness.chat.messages.textAt(25).length > 700)
            tryVerify(() => list.distanceToEnd < 2)

            mouseWheel(list, list.width / 2, list.height / 2, 0, 600)
            tryVerify(() => list.distanceToEnd > 50)
            tryVerify(() => !list.moving)
            const jump = findChild(view, "jumpButton")
            tryVerify(() => jump.visible)
            const before = list.contentY
            harness.allow(60)
            tryVerify(() => harness.chat.messages.textAt(25).length > 2000)
            wait(50)
            fuzzyCompare(list.contentY, before, 1)

            mouseClick(jump)
            tryVerify(() => list.distanceToEnd < 2)
            harness.allow(100)
            tryVerify(() => harness.chat.messages.textAt(25).length > 3500)
            tryVerify(() => list.distanceToEnd < 2)
            harness.allow(-1)
            tryVerify(() => !harness.chat.answeringHere)
        }
        function test_only_what_is_in_sight_exists() {
            open(0, 200)
            harness.chat.select(0)
            tryCompare(harness.chat.messages, "count", 400)
            const list = findChild(view, "messageView")
            tryVerify(() => list.distanceToEnd < 2)
            let made = 0
            for (let row = 0; row < 400; ++row) {
                if (list.itemAtIndex(row))
                    ++made
            }
            verify(made > 0)
            verify(made < 40, made + " rows exist")
        }
    }
}

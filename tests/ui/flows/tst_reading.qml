import QtQuick
import QtTest
import Fovea

// What a person does with the words of an answer: look at what they read, who proposed them, verify and compare them,
// with the mouse and without it.
Item {
    id: root

    width: 1280
    height: 760

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

        name: "Reading"
        when: windowShown

        function open(page) {
            harness.begin(0)
            view = createTemporaryObject(viewComponent, root)
            verify(view)
            tryCompare(harness.chat.status, "modelState", StatusViewModel.Ready)
            harness.chat.settings.mode = "sparse"
            ask("What is it?")
            keyClick(Qt.Key_I, Qt.ControlModifier)
            tryCompare(harness.chat.insights, "state", InsightsViewModel.Ready)
            mouseClick(part("insights-" + page))
        }
        function cleanup() {
            if (view)
                view.destroy()
            view = null
            wait(0)
            harness.end()
        }
        function part(name) {
            let found = null
            tryVerify(() => (found = findChild(view, name)) !== null, 5000, name)
            return found
        }
        function ask(text) {
            verify(harness.chat.send(text))
            tryVerify(() => !harness.chat.answeringHere)
        }
        function clickToken(text, token) {
            // Laid out in the width that it has.
            tryVerify(() => text.positionToRectangle(text.length).y < text.height)
            const from = text.positionToRectangle(text.marks.characterOf(token) + 1)
            const to = text.positionToRectangle(text.marks.characterOf(token + 1))
            text.revealed(from)
            wait(50)
            mouseClick(text, (from.x + to.x) / 2, from.y + from.height / 2)
        }

        function test_a_click_on_a_word_shows_what_it_read() {
            open("reads")
            const text = part("readText")
            tryVerify(() => text.length > 0)
            const words = part("tokenWords")
            verify(words.text.includes("arrow keys"))
            const token = text.marks.firstOfAnswer + 2
            clickToken(text, token)
            tryCompare(text, "chosen", token)
            tryVerify(() => words.text.includes("step 1"))
            verify(!part("readLayer").enabled)
            clickToken(text, 5)  // of what was before: that is about the whole answer again
            tryCompare(text, "chosen", 5)
            verify(part("readLayer").enabled)
        }
        function test_the_keyboard_goes_from_word_to_word() {
            open("reads")
            const text = part("readText")
            tryVerify(() => text.length > 0)
            text.forceActiveFocus(Qt.TabFocusReason)
            const first = text.marks.firstOfAnswer
            keyClick(Qt.Key_Right)
            tryCompare(text, "chosen", first)
            keyClick(Qt.Key_Right)
            keyClick(Qt.Key_Right)
            tryCompare(text, "chosen", first + 2)
            keyClick(Qt.Key_Left)
            tryCompare(text, "chosen", first + 1)
            keyClick(Qt.Key_Home, Qt.ControlModifier)
            tryCompare(text, "chosen", 0)
            tryVerify(() => part("tokenWords").text.includes("position 0"))
            keyClick(Qt.Key_Escape)
            tryCompare(text, "chosen", -1)
        }
        function test_refused_words_are_found_one_by_one() {
            open("draft")
            const text = part("draftText")
            tryCompare(text.marks, "marked", 2)
            mouseClick(part("nextMarked"))
            tryCompare(text, "chosen", 3)
            tryVerify(() => part("tokenWords").text.includes("41.0%"))
            mouseClick(part("nextMarked"))
            tryCompare(text, "chosen", 10)
            verify(!part("nextMarked").enabled)
            mouseClick(part("previousMarked"))
            tryCompare(text, "chosen", 3)
            verify(!part("previousMarked").enabled)
        }
        function test_an_answer_is_verified_and_stopped() {
            open("check")
            const button = part("verifyButton")
            compare(harness.chat.check.state, AnswerCheck.Open)
            button.forceActiveFocus(Qt.TabFocusReason)
            harness.holdReplay(true)
            keyClick(Qt.Key_Return)
            tryCompare(harness.chat.check, "state", AnswerCheck.Running)
            keyClick(Qt.Key_Return)
            tryCompare(harness.chat.check, "state", AnswerCheck.Open)
            harness.holdReplay(false)
            keyClick(Qt.Key_Return)
            tryCompare(harness.chat.check, "state", AnswerCheck.Done)
            tryVerify(() => part("checkHeadline").visible)
            verify(part("checkText").visible)
        }
        function test_two_answers_are_compared() {
            open("compare")
            tryVerify(() => part("compareState").text.includes("no other answer"))
            harness.chat.regenerate(1)
            tryVerify(() => harness.chat.answeringHere)
            tryVerify(() => !harness.chat.answeringHere)
            tryCompare(harness.chat.comparison, "stateText", "")
            compare(harness.chat.comparison.rows.length, 10)
            tryVerify(() => part("layerBars").visible)
            compare(part("compareWith").count, 1)
        }
        function test_the_page_stays_when_the_panel_is_closed_and_opened() {
            open("draft")
            part("draftText")
            keyClick(Qt.Key_I, Qt.ControlModifier)
            tryVerify(() => findChild(view, "insightsPanel") === null)
            keyClick(Qt.Key_I, Qt.ControlModifier)
            part("draftText")
        }
    }
}

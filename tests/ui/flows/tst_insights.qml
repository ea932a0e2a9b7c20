import QtQuick
import QtTest
import Fovea

// What a person does with the insights: open them, look at steps and reads by mouse and by keyboard, go through the
// answers, and export what they show.
Item {
    id: root

    width: 1280
    height: 900

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

        name: "Insights"
        when: windowShown

        function init() {
            harness.begin(0)
            view = createTemporaryObject(viewComponent, root)
            tryCompare(harness.chat.status, "modelState", StatusViewModel.Ready)
        }
        function cleanup() {
            harness.allow(-1)
            if (view)
                view.destroy()
            view = null
            wait(0)
            harness.end()
        }
        function ask(question) {
            verify(harness.chat.send(question))
            tryVerify(() => !harness.chat.answeringHere)
        }
        function openInsights() {
            keyClick(Qt.Key_I, Qt.ControlModifier)
            tryVerify(() => part("insightsPanel") !== null)
            tryCompare(harness.chat.insights, "state", InsightsViewModel.Ready)
        }
        function part(name) { return findChild(view, name) }

        function test_it_fills_while_the_answer_is_written() {
            keyClick(Qt.Key_I, Qt.ControlModifier)
            tryVerify(() => part("insightsPanel") !== null)
            verify(part("insightsState").text.length > 0)
            verify(!part("exportStatistics").enabled)
            harness.allow(2)
            harness.chat.send("go")
            tryCompare(harness.chat.insights, "state", InsightsViewModel.Ready)
            tryVerify(() => part("stepWords").text.indexOf("2") >= 0)
            harness.allow(-1)
            tryVerify(() => !harness.chat.answeringHere)
            tryVerify(() => part("stepWords").text.indexOf("4") >= 0)
            verify(part("exportStatistics").enabled)
            keyClick(Qt.Key_I, Qt.ControlModifier)
            tryVerify(() => part("insightsPanel") === null)
            verify(part("composerInput").activeFocus)
        }
        function test_pointing_says_what_is_there() {
            ask("What is it?")
            openInsights()
            const steps = part("stepChart")
            mouseMove(steps, steps.width - 10, steps.height / 2)
            tryVerify(() => steps.words.indexOf("Step 4") >= 0)
            compare(part("stepWords").text, steps.words)
            mouseMove(steps, steps.width / 2, steps.height - 1)
            tryCompare(steps, "words", "")
            const map = part("readMap")
            mouseMove(map, map.width / 2, map.height / 2)
            tryVerify(() => map.words.indexOf("Layer") >= 0)
            verify(map.words.indexOf("left out") > 0)
        }
        function test_the_keyboard_reaches_every_step_and_cell() {
            ask("What is it?")
            openInsights()
            const steps = part("stepChart")
            steps.forceActiveFocus(Qt.TabFocusReason)
            keyClick(Qt.Key_Right)
            verify(steps.words.indexOf("Step 1") >= 0)
            keyClick(Qt.Key_Right)
            verify(steps.words.indexOf("Step 2") >= 0)
            keyClick(Qt.Key_Left)
            verify(steps.words.indexOf("Step 1") >= 0)
            const map = part("readMap")
            mouseMove(root, 2, 2)  // what lies under the mouse is not what the keyboard chooses
            map.forceActiveFocus(Qt.TabFocusReason)
            keyClick(Qt.Key_Down)
            verify(map.words.indexOf("Layer 1,") >= 0)
            keyClick(Qt.Key_Down)
            verify(map.words.indexOf("Layer 2,") >= 0)
        }
        function test_whole_chat_and_one_layer() {
            ask("What is it?")
            ask("And then?")
            openInsights()
            const steps = part("stepChart")
            const scope = part("stepsScope")
            scope.forceActiveFocus(Qt.TabFocusReason)
            keyClick(Qt.Key_Down)
            tryCompare(harness.chat.steps, "wholeChat", true)
            tryVerify(() => part("stepWords").text.indexOf("8") >= 0)
            mouseMove(steps, steps.width - 10, steps.height / 2)
            tryVerify(() => steps.words.indexOf("Answer 2, step 4") >= 0)
            const layer = part("stepsLayer")
            layer.forceActiveFocus(Qt.TabFocusReason)
            keyClick(Qt.Key_Down)
            keyClick(Qt.Key_Down)
            compare(harness.chat.steps.layer, 2)
            verify(steps.words.indexOf("layer 2") >= 0)
        }
        function test_the_map_of_what_was_saved() {
            ask("What is it?")
            openInsights()
            const measure = part("readMeasure")
            compare(part("readScaleTop").text, "as often as densely")
            measure.forceActiveFocus(Qt.TabFocusReason)
            keyClick(Qt.Key_Down)
            tryVerify(() => part("readScaleTop").text.indexOf("KiB") > 0)
            keyClick(Qt.Key_Down)
            tryVerify(() => part("readScaleTop").text.indexOf("ms") > 0)
        }
        function test_through_the_answers() {
            ask("What is it?")
            ask("And then?")
            openInsights()
            compare(part("answerNumber").text, "2 of 2")
            verify(!part("nextAnswer").enabled)
            mouseClick(part("previousAnswer"))
            tryCompare(part("answerNumber"), "text", "1 of 2")
            tryCompare(harness.chat.insights, "state", InsightsViewModel.Ready)
            mouseClick(part("nextAnswer"))
            tryCompare(part("answerNumber"), "text", "2 of 2")
        }
        function test_exports() {
            ask("What is it?")
            openInsights()
            mouseClick(part("exportStatistics"))
            tryVerify(() => part("exportMenu").opened)
            keyClick(Qt.Key_Escape)
            tryVerify(() => !part("exportMenu").visible)
            const file = harness.fileUrl("steps.csv")
            harness.chat.statisticsExporter.exportTo(file, harness.chat.insights.answerId)
            tryVerify(() => part("exportOutcome").text.indexOf("steps.csv") > 0)
            compare(harness.lines("steps.csv"), 5)
            harness.chat.statisticsExporter.exportTo("file:///proc/fovea/steps.png", 0)
            tryVerify(() => part("exportOutcome").text.indexOf("cannot be written") > 0)
            // Closed meanwhile: then the chat says it.
            keyClick(Qt.Key_I, Qt.ControlModifier)
            tryVerify(() => part("insightsPanel") === null)
            harness.chat.statisticsExporter.exportTo(file, 0)
            tryVerify(() => part("toastText").text.indexOf("steps.csv") > 0)
            openInsights()
            compare(part("exportOutcome").text, "")
        }
    }
}

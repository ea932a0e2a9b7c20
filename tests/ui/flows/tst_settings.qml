import QtQuick
import QtTest
import Fovea

// What a person does with the settings: open them by the keyboard, choose how the next question is answered, and load
// another pair.
Item {
    id: root

    width: 1200
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

        name: "Settings"
        when: windowShown

        function open() {
            harness.begin(0)
            view = createTemporaryObject(viewComponent, root)
            verify(view)
            tryCompare(harness.chat.status, "modelState", StatusViewModel.Ready)
        }
        function cleanup() {
            if (view)
                view.destroy()
            view = null
            root.width = 1200
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
        function chooseTab(name) {
            mouseClick(part("tab-" + name))
            tryCompare(part("settingsPanel"), "section", name)
        }
        function typeInto(field, text) {
            field.forceActiveFocus()
            field.selectAll()
            for (const character of text)
                keyClick(character)
            keyClick(Qt.Key_Return)
        }

        function test_the_keyboard_opens_and_closes() {
            open()
            keyClick(Qt.Key_Comma, Qt.ControlModifier)
            const panel = part("settingsPanel")
            verify(panel.activeFocus)
            keyClick(Qt.Key_A)  // not a message
            compare(part("composerInput").text, "")
            keyClick(Qt.Key_Escape)
            tryVerify(() => findChild(view, "settingsPanel") === null)
            verify(part("composerInput").activeFocus)
        }
        function test_mode_and_attention_top_p_count_from_the_next_question_on() {
            open()
            ask("one")
            compare(harness.lastMode(), "speculative")
            keyClick(Qt.Key_Comma, Qt.ControlModifier)
            chooseTab("attention")
            verify(!part("attentionTopPField").enabled)
            verify(part("attentionReason").visible)
            chooseTab("decoding")
            mouseClick(part("mode-sparse"))
            compare(harness.chat.settings.mode, "sparse")
            chooseTab("attention")
            const field = part("attentionTopPField")
            verify(field.enabled)
            const samplingTopP = harness.chat.settings.samplingTopP.value
            typeInto(field, "0" + Qt.locale().decimalPoint + "45")
            fuzzyCompare(harness.chat.settings.attentionTopP.value, 0.45, 1e-9)
            compare(harness.lastMode(), "speculative")  // nothing was asked since
            ask("two")
            compare(harness.lastMode(), "sparse")
            fuzzyCompare(harness.lastAttentionTopP(), 0.45, 1e-6)
            compare(harness.chat.settings.samplingTopP.value, samplingTopP)
            compare(harness.loads(), 1)  // and nothing was loaded for it

            mouseClick(part("defaultsButton"))
            verify(harness.chat.settings.attentionIsDefault)
        }
        function test_the_keyboard_keeps_its_place_among_the_modes() {
            open()
            view.openSettings("decoding")
            const card = part("mode-dense")
            card.forceActiveFocus()
            keyClick(Qt.Key_Space)
            compare(harness.chat.settings.mode, "dense")
            verify(card.activeFocus)
            verify(card.checked)
            harness.chat.settings.mode = "exact"
            verify(!card.checked)
            verify(part("mode-exact").checked)
        }
        function test_the_slider_and_the_arrow_keys_step() {
            open()
            view.openSettings("sampling")
            const temperature = harness.chat.settings.temperature
            const before = temperature.value
            part("temperatureSlider").forceActiveFocus()
            keyClick(Qt.Key_Right)
            fuzzyCompare(temperature.value, before + temperature.step, 1e-9)
            part("temperatureField").forceActiveFocus()
            keyClick(Qt.Key_Down)
            fuzzyCompare(temperature.value, before, 1e-9)
            typeInto(part("temperatureField"), "999")
            compare(temperature.value, temperature.maximum)
            typeInto(part("temperatureField"), "x")
            compare(temperature.value, temperature.maximum)
        }
        function test_a_preset_is_saved_chosen_and_deleted() {
            open()
            view.openSettings("sampling")
            const settings = harness.chat.settings
            const builtin = settings.presets.length
            settings.temperature.value = 1.2
            compare(settings.preset, -1)
            mouseClick(part("savePresetButton"))
            const name = part("presetName")
            tryVerify(() => name.activeFocus)
            for (const character of "daring")
                keyClick(character)
            keyClick(Qt.Key_Return)
            compare(settings.presets.length, builtin + 1)
            compare(settings.preset, builtin)
            settings.choosePreset(0)
            compare(part("removePresetButton").visible, false)
            settings.choosePreset(builtin)
            fuzzyCompare(settings.temperature.value, 1.2, 1e-9)
            mouseClick(part("removePresetButton"))
            compare(settings.presets.length, builtin)
        }
        function test_another_pair_is_loaded_only_when_asked() {
            open()
            view.openSettings("model")
            compare(findChild(view, "loadButton").visible, false)
            typeInto(part("contextField"), "512")
            const button = part("loadButton")
            tryVerify(() => button.visible && button.enabled)
            compare(harness.loads(), 1)
            mouseClick(button)
            tryCompare(harness.chat.model, "differs", false)
            tryVerify(() => harness.loads() === 2)  // on the engine's thread
            compare(harness.lastContext(), 512)
            tryVerify(() => !button.visible)
        }
        function test_a_damaged_model_is_named_and_the_pair_goes_on() {
            open()
            view.openSettings("model")
            harness.chat.model.chooseVerifier(harness.truncatedModel())
            const problem = part("verifierCardProblem")
            tryVerify(() => problem.visible)
            verify(problem.text.indexOf("half.gguf") >= 0)
            verify(!part("loadButton").enabled)
            ask("still there?")
            compare(harness.chat.messages.textAt(1), "Once upon a time.")
            mouseClick(part("embeddedPairButton"))
            tryVerify(() => !problem.visible)
            verify(!harness.chat.model.differs)
        }
        function test_a_failed_load_says_why_in_the_panel() {
            open()
            view.openSettings("model")
            harness.failLoads("The cache does not fit.", "Choose a shorter context.")
            harness.chat.model.contextTokens = 2048
            harness.chat.model.load()
            const error = part("loadError")
            tryVerify(() => error.visible)
            compare(error.text, "The cache does not fit. Choose a shorter context.")
        }
        function test_loading_can_be_stopped() {
            open()
            view.openSettings("model")
            harness.holdLoad(true)
            harness.chat.model.contextTokens = 2048
            harness.chat.model.load()
            const button = part("cancelLoadButton")
            tryVerify(() => button.visible && harness.chat.model.loading)
            button.forceActiveFocus()
            keyClick(Qt.Key_Space)
            tryCompare(harness.chat.status, "modelState", StatusViewModel.Ready)
            verify(harness.chat.model.differs)
            ask("go on")
        }
        function test_where_there_is_no_room_it_is_a_sheet() {
            root.width = 620
            open()
            keyClick(Qt.Key_Comma, Qt.ControlModifier)
            const panel = part("settingsPanel")
            tryVerify(() => panel.width > 300 && panel.width <= root.width)
            tryVerify(() => panel.activeFocus)
            keyClick(Qt.Key_Escape)
            tryVerify(() => findChild(view, "settingsPanel") === null)
        }
    }
}

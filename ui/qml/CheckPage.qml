import QtQuick
import QtQuick.Layouts
import Fovea

// Verifying the answer: what the verifier alone, reading everything, makes of it.
InsightsPage {
    id: root

    readonly property AnswerCheck check: chat.check
    readonly property bool running: check.state === AnswerCheck.Running
    readonly property bool done: check.state === AnswerCheck.Done

    about: qsTr("Replays the answer densely and without a draft: at each word it asks the verifier alone what it draws there, with the answer's own seed and options.")
    stateText: check.state === AnswerCheck.Blocked ? check.obstacle : ""
    footerShown: done

    ProgressLine {
        Layout.fillWidth: true
        visible: root.running
        progress: root.check.progress
        text: qsTr("Verifying, %1%").arg(Math.round(root.check.progress * 100))
    }
    StateLine {
        Layout.fillWidth: true
        visible: root.check.error.length > 0
        text: root.check.error
        iconName: "alert"
        color: Theme.danger
        fill: Theme.dangerSurface
    }
    AppButton {
        objectName: "verifyButton"
        primary: !root.running && !root.done
        text: root.running ? qsTr("Stop") : root.done ? qsTr("Verify again") : qsTr("Verify this answer")
        onClicked: root.running ? root.check.cancel() : root.check.verify()
    }
    StateLine {
        objectName: "checkHeadline"
        Layout.fillWidth: true
        visible: root.done
        text: root.check.headline
        iconName: root.check.differs ? "alert" : "check"
        color: root.check.differs ? Theme.warning : Theme.success
        fill: root.check.differs ? Theme.warningSurface : "transparent"
    }
    DialogText {
        objectName: "checkDifference"
        visible: root.done && text.length > 0
        text: root.check.difference
        textFormat: Text.PlainText
    }
    SmallText {
        Layout.fillWidth: true
        visible: root.done
        text: root.check.meaning
    }
    SmallText {
        Layout.fillWidth: true
        visible: root.done
        text: root.check.likelihood
    }
    TokenText {
        id: answer

        objectName: "checkText"
        Layout.fillWidth: true
        visible: root.done
        insights: root.chat.insights
        check: root.check
        kind: TokenMarks.Check
        Accessible.name: qsTr("The answer, by what the verifier draws")
        onRevealed: rectangle => root.reveal(answer, rectangle)
    }

    footer: [
        MarkedSteps {
            text: answer
            label: root.check.chancesOnly ? qsTr("%n never drawn densely", "", answer.marks.marked)
                                          : qsTr("%n drawn differently", "", answer.marks.marked)
        },
        TokenWords { text: answer.words }
    ]
}

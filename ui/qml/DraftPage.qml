import QtQuick
import QtQuick.Layouts
import Fovea

// Who proposed each word of the answer, and what was refused.
InsightsPage {
    id: root

    about: qsTr("The answer, by who proposed each word of it.")

    component Sample: RowLayout {
        property alias color: patch.color
        property alias text: label.text

        spacing: Theme.gapTiny + 2
        Rectangle { id: patch; implicitWidth: 14; implicitHeight: 14; radius: 3; border.width: 1; border.color: Theme.border }
        SmallText { id: label }
    }

    TokenText {
        id: answer

        objectName: "draftText"
        Layout.fillWidth: true
        insights: root.chat.insights
        check: root.chat.check
        kind: TokenMarks.Draft
        Accessible.name: qsTr("The answer, by who proposed each word of it")
        onRevealed: rectangle => root.reveal(answer, rectangle)
    }

    footer: [
        Flow {
            Layout.fillWidth: true
            spacing: Theme.gap

            Sample { color: Qt.alpha(Theme.accent, 0.22); text: qsTr("the draft's, accepted") }
            Sample { color: Qt.alpha(Theme.spot, 0.45); text: qsTr("in the place of a refused one") }
            Sample { color: "transparent"; text: qsTr("the verifier's own") }
        },
        MarkedSteps { text: answer; label: qsTr("%n refused", "", answer.marks.marked) },
        TokenWords { text: answer.words }
    ]
}

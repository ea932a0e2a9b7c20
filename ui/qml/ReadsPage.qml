import QtQuick
import QtQuick.Layouts
import Fovea

// What the answer read: the conversation, shaded by how much of it was read.
InsightsPage {
    id: root

    about: qsTr("The conversation as the model saw it, and beside the line the answer. The stronger the colour under a word, the more of its stretch of the cache was read.")

    RowLayout {
        Layout.fillWidth: true
        visible: answer.marks.layers > 1
        spacing: Theme.gapSmall

        SmallText { text: qsTr("Read by") }
        AppComboBox {
            objectName: "readLayer"
            Layout.fillWidth: true
            name: qsTr("Read by")
            enabled: answer.chosen < answer.marks.firstOfAnswer
            model: [qsTr("all layers")].concat(Array.from({ length: answer.marks.layers }, (_, layer) => qsTr("layer %1").arg(layer + 1)))
            currentIndex: answer.readLayer + 1
            onActivated: index => answer.readLayer = index - 1
        }
    }
    TokenText {
        id: answer

        objectName: "readText"
        Layout.fillWidth: true
        insights: root.chat.insights
        kind: TokenMarks.Reads
        Accessible.name: qsTr("What the answer read")
        onRevealed: rectangle => root.reveal(answer, rectangle)
    }

    footer: [
        RowLayout {
            Layout.fillWidth: true
            spacing: Theme.gapSmall

            SmallText { text: qsTr("never") }
            Rectangle {
                Layout.fillWidth: true
                implicitHeight: 10
                radius: 2
                rotation: LayoutMirroring.enabled ? 180 : 0
                gradient: Gradient {
                    orientation: Gradient.Horizontal
                    GradientStop { position: 0; color: Theme.sidebar }
                    GradientStop { position: 1; color: Qt.tint(Theme.sidebar, Qt.alpha(Theme.accent, 0.5)) }
                }
                border.width: 1
                border.color: Theme.border
            }
            SmallText { text: qsTr("as often as densely") }
        },
        TokenWords { text: answer.words }
    ]
}

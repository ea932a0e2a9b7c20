import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// The step chart and what it is of: this answer or the whole chat, all layers or one.
ColumnLayout {
    id: root

    required property StepsViewModel steps
    required property InsightsViewModel insights

    spacing: Theme.gapTiny

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gapSmall

        AppComboBox {
            objectName: "stepsScope"
            Layout.fillWidth: true
            Layout.preferredWidth: 3
            name: qsTr("Which steps")
            model: [qsTr("This answer"), qsTr("Whole chat")]
            currentIndex: root.steps.wholeChat ? 1 : 0
            onActivated: index => root.steps.wholeChat = index === 1
        }
        AppComboBox {
            objectName: "stepsLayer"
            Layout.fillWidth: true
            Layout.preferredWidth: 2
            name: qsTr("Of which layers")
            enabled: count > 1
            model: {
                const names = [qsTr("All layers")]
                for (let layer = 1; layer <= root.steps.layerCount; ++layer)
                    names.push(qsTr("Layer %1").arg(layer))
                return names
            }
            currentIndex: root.steps.layer
            onActivated: index => root.steps.layer = index
        }
    }
    SmallText {
        Layout.fillWidth: true
        text: qsTr("Line: share of the entries read. Dashed: attention kept. Bars: tokens proposed, and of those accepted.")
    }
    InsightsChart {
        id: chart

        objectName: "stepChart"
        Layout.fillWidth: true
        Layout.preferredHeight: 150
        insights: root.insights
        steps: root.steps
        kind: InsightsChart.Steps
        ink: Theme.textMuted
        grid: Theme.border
        readColor: Theme.accent
        massColor: Theme.spot
        fontPixels: Theme.fontSmall
        Accessible.role: Accessible.Chart
        Accessible.name: root.steps.wholeChat ? qsTr("Steps of the chat") : qsTr("Steps of the answer")
        Accessible.description: caption.text

        FocusRing { visible: parent.activeFocus; radius: Theme.radiusSmall }
    }
    SmallText {
        id: caption

        objectName: "stepWords"
        Layout.fillWidth: true
        Layout.minimumHeight: 2 * font.pixelSize * 1.3
        text: chart.words.length > 0 ? chart.words : root.steps.summary
    }
}

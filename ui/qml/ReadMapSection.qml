import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// The map of layers by positions and its scale: how often each was read, or what not reading it saved.
ColumnLayout {
    id: root

    required property InsightsViewModel insights

    spacing: Theme.gapTiny

    SmallText {
        Layout.fillWidth: true
        text: qsTr("Layers from top to bottom, positions of the conversation from left to right.")
    }
    AppComboBox {
        objectName: "readMeasure"
        Layout.fillWidth: true
        name: qsTr("What the map shows")
        model: [qsTr("How often it was read"), qsTr("Bytes saved"), qsTr("Time saved, estimated")]
        onActivated: index => chart.measure = index
    }
    InsightsChart {
        id: chart

        objectName: "readMap"
        Layout.fillWidth: true
        Layout.preferredHeight: 210
        insights: root.insights
        kind: InsightsChart.Reads
        ink: Theme.textMuted
        grid: Theme.border
        fontPixels: Theme.fontSmall
        Accessible.role: Accessible.Chart
        Accessible.name: qsTr("Reads by layer and position")
        Accessible.description: words.length > 0 ? words : root.insights.summary

        FocusRing { visible: parent.activeFocus; radius: Theme.radiusSmall }
    }
    RowLayout {
        spacing: Theme.gapSmall

        readonly property bool share: chart.measure === InsightsChart.Share

        SmallText { text: parent.share ? qsTr("never") : qsTr("nothing saved") }
        Rectangle {
            Layout.fillWidth: true
            Layout.preferredHeight: 10
            radius: 2
            gradient: Gradient {
                orientation: Gradient.Horizontal
                GradientStop { position: 0; color: Theme.heat(0) }
                GradientStop { position: 0.25; color: Theme.heat(0.25) }
                GradientStop { position: 0.5; color: Theme.heat(0.5) }
                GradientStop { position: 0.75; color: Theme.heat(0.75) }
                GradientStop { position: 1; color: Theme.heat(1) }
            }
        }
        SmallText {
            objectName: "readScaleTop"
            text: parent.share ? qsTr("as often as densely") : chart.topText.length > 0 ? chart.topText : qsTr("not known")
        }
    }
    SmallText {
        objectName: "readWords"
        Layout.fillWidth: true
        Layout.minimumHeight: 4 * font.pixelSize * 1.3
        text: chart.words.length > 0 ? chart.words : qsTr("Point at the map, or move with the arrow keys, to see what stands there.")
    }
}

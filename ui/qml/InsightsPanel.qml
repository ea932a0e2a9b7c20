import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// What an answer read, beside the chat: figures, its steps, a map of layers by positions, and where its time went.
// It works only while it exists.
FocusScope {
    id: root

    required property ChatController chat
    property alias page: tabs.page
    readonly property InsightsViewModel insights: chat.insights
    readonly property bool ready: insights.state === InsightsViewModel.Ready
    readonly property var figures: insights.figures

    signal closed()

    implicitWidth: Theme.panelWidth
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Insights")
    Accessible.description: insights.summary

    Component.onCompleted: insights.open = true
    Component.onDestruction: {
        insights.open = false
        chat.statisticsExporter.forgetOutcome()
    }

    component Words: Text {
        Layout.fillWidth: true
        font.pixelSize: Theme.fontSmall
        color: Theme.textMuted
        wrapMode: Text.Wrap
        textFormat: Text.PlainText
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }
    component Heading: Words {
        Layout.topMargin: Theme.gapSmall
        font.pixelSize: Theme.fontUi
        font.weight: Font.DemiBold
        color: Theme.text
        Accessible.role: Accessible.Heading
    }
    component Bars: ColumnLayout {
        id: bars

        property var model: []
        property color color: Theme.accent

        Layout.fillWidth: true
        spacing: Theme.gapTiny

        Repeater {
            model: bars.model.length
            RowLayout {
                required property int index
                readonly property var modelData: bars.model[index] || { name: "", share: 0, text: "" }

                spacing: Theme.gapSmall
                Accessible.role: Accessible.StaticText
                Accessible.name: modelData.name + ": " + modelData.text

                Words { Layout.fillWidth: false; Layout.preferredWidth: 52; text: parent.modelData.name }
                Item {
                    Layout.fillWidth: true
                    Layout.preferredHeight: 10

                    Rectangle { anchors.fill: parent; radius: 3; color: Theme.border }
                    Rectangle {
                        width: parent.width * Math.max(0, Math.min(1, parent.parent.modelData.share))
                        height: parent.height
                        radius: 3
                        color: bars.color
                    }
                }
                Words {
                    Layout.fillWidth: false
                    Layout.preferredWidth: 68
                    horizontalAlignment: Text.AlignRight
                    text: parent.modelData.text
                }
            }
        }
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.sidebar

        Rectangle { width: 1; height: parent.height; color: Theme.border }
    }
    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        RowLayout {
            Layout.fillWidth: true
            Layout.preferredHeight: 56
            Layout.leftMargin: Theme.gapLarge
            Layout.rightMargin: Theme.gapSmall
            spacing: 0

            Text {
                Layout.fillWidth: true
                text: qsTr("Insights")
                font.pixelSize: Theme.fontTitle
                font.weight: Font.DemiBold
                color: Theme.text
                Accessible.role: Accessible.Heading
                Accessible.name: text
            }
            IconButton {
                objectName: "previousAnswer"
                iconName: "down"
                rotation: 90
                text: qsTr("The answer before")
                enabled: root.insights.answerNumber > 1
                onClicked: root.insights.showAnother(-1)
            }
            Words {
                objectName: "answerNumber"
                Layout.fillWidth: false
                visible: root.insights.answerCount > 0
                text: qsTr("%1 of %2").arg(root.insights.answerNumber).arg(root.insights.answerCount)
                Accessible.name: qsTr("Answer %1 of %2").arg(root.insights.answerNumber).arg(root.insights.answerCount)
            }
            IconButton {
                objectName: "nextAnswer"
                iconName: "down"
                rotation: -90
                text: qsTr("The answer after")
                enabled: root.insights.answerNumber < root.insights.answerCount
                onClicked: root.insights.showAnother(1)
            }
            StatisticsExport { chat: root.chat; insights: root.insights }
            IconButton {
                id: closeButton

                objectName: "closeInsights"
                focus: true
                iconName: "close"
                text: qsTr("Close")
                shortcutText: "Ctrl+I"
                onClicked: root.closed()
            }
        }
        StateLine {
            readonly property StatisticsExporter exporter: root.chat.statisticsExporter

            objectName: "exportOutcome"
            Layout.fillWidth: true
            Layout.leftMargin: Theme.gapLarge
            Layout.rightMargin: Theme.gapLarge
            Layout.bottomMargin: Theme.gapSmall
            visible: text.length > 0
            text: exporter.outcome
            iconName: exporter.failed ? "alert" : "check"
            color: exporter.failed ? Theme.danger : Theme.success
            fill: exporter.failed ? Theme.dangerSurface : Theme.surface
            Accessible.role: Accessible.AlertMessage
            Accessible.name: text
        }
        InsightsTabs {
            id: tabs

            Layout.fillWidth: true
            Layout.leftMargin: Theme.gapSmall
            Layout.rightMargin: Theme.gapSmall
            Layout.bottomMargin: Theme.gap
            chat: root.chat
        }
        Loader {
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: tabs.component !== null
            sourceComponent: tabs.component
        }
        ScrollView {
            id: scroll

            visible: tabs.component === null
            Layout.fillWidth: true
            Layout.fillHeight: true
            contentWidth: availableWidth
            ScrollBar.vertical: AppScrollBar { parent: scroll; x: scroll.width - width; height: scroll.height }

            ColumnLayout {
                x: Theme.gapLarge
                width: scroll.availableWidth - 2 * Theme.gapLarge
                spacing: Theme.gapSmall

                Words {
                    visible: root.insights.question.length > 0
                    text: root.insights.question
                    maximumLineCount: 2
                    elide: Text.ElideRight
                }
                StateLine {
                    objectName: "insightsState"
                    Layout.fillWidth: true
                    visible: text.length > 0
                    text: root.insights.stateText
                    iconName: root.insights.state === InsightsViewModel.Damaged ? "alert" : "info"
                    color: root.insights.state === InsightsViewModel.Damaged ? Theme.danger : Theme.textMuted
                }
                GridLayout {
                    Layout.fillWidth: true
                    visible: root.ready
                    columns: 2
                    columnSpacing: Theme.gapLarge
                    rowSpacing: Theme.gapSmall

                    Repeater {
                        // By number: a list of values would make everything anew with each step.
                        model: root.figures.length
                        ColumnLayout {
                            id: figure

                            required property int index
                            readonly property var modelData: root.figures[index] || { name: "", value: "", hint: "" }

                            Layout.fillWidth: true
                            Layout.preferredWidth: 1
                            spacing: 0
                            Accessible.role: Accessible.StaticText
                            Accessible.name: modelData.name + ": " + modelData.value
                            Accessible.description: modelData.hint

                            Words { text: figure.modelData.name; elide: Text.ElideRight; wrapMode: Text.NoWrap }
                            Words {
                                text: figure.modelData.value
                                font.pixelSize: Theme.fontTitle
                                font.weight: Font.DemiBold
                                color: Theme.text
                                HoverHandler { id: over }
                                AppToolTip { visible: over.hovered; text: figure.modelData.hint; width: 300 }
                            }
                        }
                    }
                }
                ColumnLayout {
                    Layout.fillWidth: true
                    visible: root.ready
                    spacing: Theme.gapTiny

                    Heading { text: qsTr("Step by step") }
                    StepsSection { Layout.fillWidth: true; steps: root.chat.steps; insights: root.insights }

                    Heading { text: qsTr("What each layer read") }
                    ReadMapSection { Layout.fillWidth: true; insights: root.insights }

                    Heading { text: qsTr("Accepted, by place in the draft"); visible: acceptance.visible }
                    Bars { id: acceptance; visible: root.insights.acceptance.length > 0; model: root.insights.acceptance }
                    Heading { text: qsTr("Time by stage") }
                    Bars { model: root.insights.stages; color: Theme.spot }
                    Item { Layout.preferredHeight: Theme.gapLarge }
                }
            }
        }
    }
}

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Dialogs
import Fovea

// Where the statistics of an answer or of the whole chat are written to.
IconButton {
    id: root

    required property ChatController chat
    required property InsightsViewModel insights

    /// `answerId` 0: the whole chat.
    function choose(answerId) {
        dialog.answerId = answerId
        dialog.open()
    }

    objectName: "exportStatistics"
    iconName: "export"
    text: qsTr("Export the statistics")
    enabled: insights.answerCount > 0
    onClicked: menu.popup(this, 0, height)

    AppMenu {
        id: menu

        objectName: "exportMenu"
        implicitWidth: 240
        Action {
            text: qsTr("Of this answer\u2026")
            enabled: root.insights.state === InsightsViewModel.Ready && !root.chat.answeringHere
            onTriggered: root.choose(root.insights.answerId)
        }
        Action { text: qsTr("Of the whole chat\u2026"); onTriggered: root.choose(0) }
    }
    FileDialog {
        id: dialog

        property double answerId: 0
        readonly property var endings: ["png", "csv", "json"]

        title: answerId === 0 ? qsTr("Export the statistics of this chat") : qsTr("Export the statistics of this answer")
        fileMode: FileDialog.SaveFile
        defaultSuffix: endings[Math.max(0, selectedNameFilter.index)]
        nameFilters: [qsTr("Charts (*.png)"), qsTr("Steps as a table (*.csv)"), qsTr("Everything (*.json)")]
        onAccepted: root.chat.statisticsExporter.exportTo(selectedFile, answerId)
    }
}

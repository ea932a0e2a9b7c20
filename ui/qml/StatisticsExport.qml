import QtQuick
import QtQuick.Controls.Basic
import Fovea

// Where the statistics of an answer or of the whole chat are written to.
IconButton {
    id: root

    required property ChatController chat
    required property InsightsViewModel insights

    /// `answerId` 0: the whole chat.
    function choose(answerId) {
        dialog.answerId = answerId
        dialog.propose(answerId === 0 ? chat.title : insights.question.slice(0, 60))
    }

    objectName: "exportStatistics"
    iconName: "export"
    text: qsTr("Export the statistics")
    quiet: menu.visible
    enabled: insights.answerCount > 0
    onClicked: menu.popup(this, width - menu.width, height)

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
    SaveDialog {
        id: dialog

        property double answerId: 0

        chat: root.chat
        endings: ["png", "csv", "json"]
        title: answerId === 0 ? qsTr("Export the statistics of this chat") : qsTr("Export the statistics of this answer")
        nameFilters: [qsTr("Charts (*.png)"), qsTr("Steps as a table (*.csv)"), qsTr("Everything (*.json)")]
        onAccepted: root.chat.statisticsExporter.exportTo(target(), answerId)
    }
}

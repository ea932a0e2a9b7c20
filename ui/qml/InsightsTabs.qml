import QtQuick
import Fovea

// The parts of the insights. `component` is the page of the part that was chosen; null for the figures, which are the
// panel's own.
Flow {
    id: root

    required property ChatController chat
    property string page: "figures"
    readonly property Component component: {
        switch (page) {
        case "reads": return reads
        case "draft": return draft
        case "check": return check
        case "compare": return compare
        default: return null
        }
    }

    spacing: 2
    Accessible.role: Accessible.PageTabList
    Accessible.name: qsTr("Insights")

    Repeater {
        model: [
            { value: "figures", name: qsTr("Figures") },
            { value: "reads", name: qsTr("Reads") },
            { value: "draft", name: qsTr("Draft") },
            { value: "check", name: qsTr("Verify") },
            { value: "compare", name: qsTr("Compare") }
        ]
        PanelTab {
            required property var modelData

            objectName: "insights-" + modelData.value
            text: modelData.name
            checked: root.page === modelData.value
            onClicked: root.page = modelData.value
            Keys.onRightPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
            Keys.onLeftPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
        }
    }
    Component { id: reads; ReadsPage { chat: root.chat } }
    Component { id: draft; DraftPage { chat: root.chat } }
    Component { id: check; CheckPage { chat: root.chat } }
    Component { id: compare; ComparePage { chat: root.chat } }
}

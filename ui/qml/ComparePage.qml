import QtQuick
import QtQuick.Layouts
import Fovea

// The answer beside another one of the chat, in figures.
InsightsPage {
    id: root

    readonly property AnswerComparison comparison: chat.comparison
    readonly property bool choosable: comparison.names.length > 0

    about: qsTr("This answer beside another one of this chat.")
    stateText: ""

    Component.onCompleted: comparison.open = true
    Component.onDestruction: comparison.open = false

    component Cell: SmallText {
        Layout.preferredWidth: 74
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
        horizontalAlignment: Text.AlignRight
    }

    AppComboBox {
        objectName: "compareWith"
        Layout.fillWidth: true
        visible: root.choosable
        name: qsTr("Compare with")
        model: root.comparison.names
        currentIndex: root.comparison.choice
        onActivated: index => root.comparison.choice = index
    }
    StateLine {
        objectName: "compareState"
        Layout.fillWidth: true
        visible: text.length > 0
        text: root.comparison.stateText
    }
    ColumnLayout {
        Layout.fillWidth: true
        visible: root.comparison.rows.length > 0
        spacing: Theme.gapTiny

        RowLayout {
            spacing: Theme.gapSmall
            Item { Layout.fillWidth: true }
            Cell { text: qsTr("this answer"); color: Theme.accent; font.weight: Font.DemiBold }
            Cell { text: qsTr("the other"); font.weight: Font.DemiBold }
        }
        Repeater {
            model: root.comparison.rows
            RowLayout {
                id: row

                required property var modelData

                spacing: Theme.gapSmall
                Accessible.role: Accessible.StaticText
                Accessible.name: qsTr("%1: this answer %2, the other %3").arg(modelData.name).arg(modelData.here).arg(modelData.there)
                Accessible.description: modelData.hint

                SmallText {
                    Layout.fillWidth: true
                    text: row.modelData.name
                    Accessible.ignored: true
                    HoverHandler { id: over }
                    AppToolTip { visible: over.hovered; text: row.modelData.hint }
                }
                Cell { text: row.modelData.here; color: Theme.text; Accessible.ignored: true }
                Cell { text: row.modelData.there; color: Theme.text; Accessible.ignored: true }
            }
        }
    }
    Text {
        visible: layers.visible
        text: qsTr("Read by each layer")
        font.pixelSize: Theme.fontUi
        font.weight: Font.DemiBold
        color: Theme.text
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
    PairedBars {
        id: layers

        objectName: "layerBars"
        Layout.fillWidth: true
        visible: root.comparison.layers.length > 0
        model: root.comparison.layers
    }
}

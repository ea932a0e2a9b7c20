import QtQuick
import QtQuick.Layouts
import Fovea

// Two shares for each row, one above the other.
ColumnLayout {
    id: root

    property alias model: repeater.model

    spacing: Theme.gapTiny

    component Bar: Item {
        property real share
        property alias color: filled.color

        Layout.fillWidth: true
        implicitHeight: 6

        Rectangle { anchors.fill: parent; radius: 2; color: Theme.track }
        Rectangle {
            id: filled
            visible: !isNaN(parent.share)
            width: parent.width * Math.max(0, Math.min(1, parent.share))
            height: parent.height
            radius: 2
        }
    }

    Repeater {
        id: repeater
        RowLayout {
            id: row

            required property var modelData

            spacing: Theme.gapSmall
            Accessible.role: Accessible.StaticText
            Accessible.name: modelData.text

            SmallText {
                Layout.preferredWidth: 2.2 * Theme.fontSmall
                horizontalAlignment: Text.AlignRight
                text: row.modelData.name
                Accessible.ignored: true
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 1

                Bar { share: row.modelData.here; color: Theme.accent }
                Bar { share: row.modelData.there; color: Theme.textMuted }
            }
            HoverHandler { id: over }
            AppToolTip { visible: over.hovered; text: row.modelData.text }
        }
    }
}

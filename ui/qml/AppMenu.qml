import QtQuick
import QtQuick.Controls.Basic
import Fovea

Menu {
    id: root

    padding: Theme.gapTiny
    implicitWidth: 180

    delegate: MenuItem {
        id: item

        implicitHeight: Theme.controlHeight
        font.pixelSize: Theme.fontUi
        Accessible.name: text

        contentItem: Text {
            leftPadding: Theme.gapTiny
            text: item.text
            font: item.font
            color: Theme.text
            opacity: item.enabled ? 1 : 0.45
            verticalAlignment: Text.AlignVCenter
            elide: Text.ElideRight
        }
        background: Rectangle {
            radius: Theme.radiusSmall - 2
            color: item.highlighted ? Theme.hover : "transparent"
        }
    }
    background: Rectangle {
        color: Theme.raised
        radius: Theme.radius
        border.width: 1
        border.color: Theme.borderStrong
    }
}

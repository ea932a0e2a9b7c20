import QtQuick
import Fovea

// What became of an answer, in words, with an icon: stopped, interrupted, failed, or what it did not see.
Item {
    id: root

    property string text
    property string iconName: "info"
    property color color: Theme.textMuted
    property color fill: "transparent"
    readonly property bool boxed: fill.a > 0

    implicitHeight: label.implicitHeight + (boxed ? 2 * Theme.gapSmall : 0)

    Rectangle {
        anchors.fill: parent
        radius: Theme.radiusSmall
        color: root.fill
        visible: root.boxed
    }
    Icon {
        id: icon
        x: root.boxed ? Theme.gapSmall + 2 : 0
        y: label.y + Math.round((metrics.height - height) / 2)
        size: 16
        name: root.iconName
        color: root.color
    }
    Text {
        id: label
        x: icon.x + icon.width + Theme.gapSmall - 2
        y: root.boxed ? Theme.gapSmall : 0
        width: parent.width - x - (root.boxed ? Theme.gapSmall + 2 : 0)
        text: root.text
        font.pixelSize: Theme.fontUi
        color: root.color
        wrapMode: Text.Wrap
        textFormat: Text.PlainText
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }
    FontMetrics {
        id: metrics
        font: label.font
    }
}

import QtQuick
import QtQuick.Controls.Basic
import Fovea

// An entry that is put into an AppMenu one by one; it looks like those that the menu makes itself.
MenuItem {
    id: root

    implicitHeight: Theme.controlHeight
    font.pixelSize: Theme.fontUi
    Accessible.name: text

    contentItem: Text {
        leftPadding: Theme.gapTiny
        text: root.text
        font: root.font
        color: Theme.text
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideMiddle
        textFormat: Text.PlainText
    }
    background: Rectangle {
        radius: Theme.radiusSmall - 2
        color: root.highlighted ? Theme.hover : "transparent"
    }
}

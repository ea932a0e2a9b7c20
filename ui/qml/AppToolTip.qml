import QtQuick
import QtQuick.Controls.Basic
import Fovea

ToolTip {
    id: root

    delay: 500
    padding: Theme.gapSmall
    leftPadding: 10
    rightPadding: 10

    contentItem: Text {
        text: root.text
        font.pixelSize: Theme.fontSmall
        color: Theme.toastText
        lineHeight: 1.2
        textFormat: Text.PlainText
    }
    background: Rectangle {
        color: Theme.toast
        radius: Theme.radiusSmall
    }
}

import QtQuick
import QtQuick.Controls.Basic
import Fovea

// One of the parts of a panel.
TabButton {
    id: root

    implicitHeight: Theme.controlHeight - 4
    implicitWidth: label.implicitWidth + 2 * Theme.gapSmall
    width: implicitWidth
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.role: Accessible.PageTab
    Accessible.name: text
    Accessible.selected: checked
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: Text {
        id: label
        text: root.text
        font.pixelSize: Theme.fontSmall
        font.weight: root.checked ? Font.DemiBold : Font.Normal
        color: root.checked ? Theme.text : Theme.textMuted
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        textFormat: Text.PlainText
    }
    background: Rectangle {
        radius: Theme.radiusSmall
        color: root.checked ? Theme.selected : root.hovered ? Theme.hover : "transparent"
        FocusRing { control: root; inset: 0; radius: Theme.radiusSmall }
    }
}

import QtQuick
import QtQuick.Controls.Basic
import Fovea

// A button with words. `primary` is the one thing to do here; at most one of them is in sight.
AbstractButton {
    id: root

    property bool primary: false
    property color textColor: primary ? Theme.accentText : Theme.text
    property color fillColor: "transparent"
    property color borderColor: primary ? "transparent" : Theme.borderStrong

    implicitHeight: Theme.controlHeight
    implicitWidth: label.implicitWidth + 2 * Theme.gapLarge
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    font.pixelSize: Theme.fontUi
    font.weight: Font.Medium
    opacity: enabled ? 1 : 0.5
    Accessible.name: text
    Accessible.role: Accessible.Button
    Accessible.onPressAction: clicked()
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: Text {
        id: label
        text: root.text
        font: root.font
        color: root.textColor
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideRight
        textFormat: Text.PlainText
    }
    background: Rectangle {
        radius: Theme.radiusSmall
        color: root.primary
               ? (root.down ? Theme.accentPressed : root.hovered ? Theme.accentHover : Theme.accent)
               : (root.down ? Theme.pressed : root.hovered ? Theme.hover : root.fillColor)
        border.width: root.primary ? 0 : 1
        border.color: root.borderColor
        FocusRing { control: root; inset: -3 }
    }
}

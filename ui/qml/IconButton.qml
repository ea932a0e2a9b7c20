import QtQuick
import QtQuick.Controls.Basic
import Fovea

// A button that is only an icon; `text` is its name for screen readers and its tool tip.
AbstractButton {
    id: root

    property string iconName
    property int iconSize: 18
    property int size: Theme.controlHeight
    property color iconColor: Theme.textMuted
    property color activeColor: Theme.text
    property string shortcutText
    property bool quiet: false  // no tool tip: its menu is open

    implicitWidth: size
    implicitHeight: size
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.role: Accessible.Button
    Accessible.onPressAction: clicked()
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            name: root.iconName
            size: root.iconSize
            color: root.hovered || root.visualFocus ? root.activeColor : root.iconColor
            opacity: root.enabled ? 1 : 0.4
        }
    }
    background: Rectangle {
        radius: Theme.radiusSmall
        color: root.down ? Theme.pressed : root.hovered ? Theme.hover : "transparent"
        FocusRing { control: root; inset: 0; radius: Theme.radiusSmall }
    }
    AppToolTip {
        visible: root.hovered && !root.quiet && root.text.length > 0
        text: root.shortcutText.length > 0 ? root.text + "  " + root.shortcutText : root.text
    }
}

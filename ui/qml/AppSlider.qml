import QtQuick
import QtQuick.Controls.Basic
import Fovea

Slider {
    id: root

    property string name

    implicitHeight: Theme.fontUi + 11
    focusPolicy: Qt.TabFocus
    Accessible.name: name

    handle: Rectangle {
        x: root.leftPadding + root.visualPosition * (root.availableWidth - width)
        y: root.topPadding + (root.availableHeight - height) / 2
        width: 16
        height: 16
        radius: 8
        color: root.pressed ? Theme.accentPressed : root.hovered ? Theme.accentHover : Theme.accent
        FocusRing { control: root; inset: -4; radius: 12 }
    }
    background: Rectangle {
        x: root.leftPadding
        y: root.topPadding + (root.availableHeight - height) / 2
        width: root.availableWidth
        height: 4
        radius: 2
        color: Theme.track
        Rectangle {
            x: root.mirrored ? parent.width - width : 0
            width: (root.mirrored ? 1 - root.visualPosition : root.visualPosition) * parent.width
            height: parent.height
            radius: 2
            color: Theme.accent
        }
    }
}

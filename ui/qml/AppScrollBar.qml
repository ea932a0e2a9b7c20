import QtQuick
import QtQuick.Controls.Basic
import Fovea

ScrollBar {
    id: root

    policy: size < 1 ? ScrollBar.AlwaysOn : ScrollBar.AlwaysOff
    minimumSize: 0.06
    padding: 3
    implicitWidth: 12
    Accessible.ignored: true

    contentItem: Rectangle {
        implicitWidth: 6
        radius: 3
        color: root.pressed || root.hovered ? Theme.textMuted : Theme.borderStrong
    }
    background: null
}

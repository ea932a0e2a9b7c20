import QtQuick
import Fovea

// Three dots that breathe while something is on its way.
Row {
    id: root

    property int dotSize: 6
    property color color: Theme.accent

    spacing: dotSize - 1
    Accessible.ignored: true

    Repeater {
        model: 3
        Rectangle {
            id: dot

            required property int index

            width: root.dotSize
            height: root.dotSize
            radius: root.dotSize / 2
            color: root.color
            opacity: 0.35

            SequentialAnimation on opacity {
                running: root.visible
                loops: Animation.Infinite
                PauseAnimation { duration: dot.index * 160 }
                NumberAnimation { to: 1; duration: 320; easing.type: Easing.InOutSine }
                NumberAnimation { to: 0.35; duration: 320; easing.type: Easing.InOutSine }
                PauseAnimation { duration: (2 - dot.index) * 160 + 240 }
            }
        }
    }
}

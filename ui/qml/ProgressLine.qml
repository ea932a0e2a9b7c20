import QtQuick
import QtQuick.Layouts
import Fovea

// How far something is, as words and as a bar.
ColumnLayout {
    id: root

    property real progress: 0  // 0 .. 1
    property string text

    Layout.fillHeight: false
    spacing: Theme.gapTiny
    Accessible.role: Accessible.ProgressBar
    Accessible.name: text

    SmallText {
        Layout.fillWidth: true
        text: root.text
        Accessible.ignored: true
    }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: 6
        radius: 3
        color: Theme.track

        Rectangle {
            width: Math.max(parent.height, parent.width * root.progress)
            height: parent.height
            radius: 3
            color: Theme.accent
            Behavior on width { NumberAnimation { duration: Theme.animation } }
        }
    }
}

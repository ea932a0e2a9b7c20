import QtQuick
import QtQuick.Window
import Fovea

// A line icon of the module in one colour, sharp on any screen.
Image {
    id: root

    property string name
    property color color: Theme.textMuted
    property int size: 18

    width: size
    height: size
    sourceSize: Qt.size(Math.ceil(size * Screen.devicePixelRatio), Math.ceil(size * Screen.devicePixelRatio))
    source: name.length > 0 ? Theme.icon(name, color) : ""
    Accessible.ignored: true
}

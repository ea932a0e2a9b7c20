import QtQuick
import QtQuick.Window

// The program's icon.
Image {
    id: root

    property int size: 64

    width: size
    height: size
    sourceSize: Qt.size(Math.ceil(size * Screen.devicePixelRatio), Math.ceil(size * Screen.devicePixelRatio))
    source: "image://fovea/fovea"
    Accessible.ignored: true
}

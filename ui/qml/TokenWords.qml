import QtQuick
import QtQuick.Layouts
import Fovea

// What is said of a token: room for all of it, so that nothing moves when another one is chosen.
SmallText {
    objectName: "tokenWords"
    Layout.fillWidth: true
    Layout.minimumHeight: 4 * Theme.fontSmall * 1.35
    verticalAlignment: Text.AlignTop
}

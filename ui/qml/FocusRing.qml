import QtQuick
import Fovea

// Shows where the keyboard is: a ring around its parent, for controls reached by Tab and not by the mouse.
Rectangle {
    property Item control: parent
    property int inset: -2

    anchors.fill: parent
    anchors.margins: inset
    radius: Theme.radiusSmall + 2
    color: "transparent"
    border.width: 2
    border.color: Theme.accent
    visible: control.visualFocus === true
}

import QtQuick
import QtQuick.Layouts
import Fovea

Text {
    Layout.fillWidth: true
    font.pixelSize: Theme.fontUi
    lineHeight: 1.35
    color: Theme.text
    linkColor: Theme.accent
    wrapMode: Text.Wrap
    horizontalAlignment: Text.AlignLeft
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}

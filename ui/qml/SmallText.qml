import QtQuick
import Fovea

// A line that explains what stands above it.
Text {
    visible: text.length > 0
    font.pixelSize: Theme.fontSmall
    lineHeight: 1.15
    color: Theme.textMuted
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    horizontalAlignment: Text.AlignLeft
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}

import QtQuick
import QtQuick.Layouts
import Fovea

// What a pair will take of the memory, part by part.
ColumnLayout {
    id: root

    property var parts: []  // [{name, text, share}]
    property string text
    property string warning
    readonly property var shades: [1, 0.75, 0.5, 0.35, 0.2]

    function shade(index) {
        const ink = Theme.accent
        return Qt.rgba(ink.r, ink.g, ink.b, shades[index % shades.length])
    }

    Layout.fillHeight: false
    spacing: Theme.gapTiny

    Text {
        Layout.fillWidth: true
        text: root.text
        font.pixelSize: Theme.fontUi
        color: Theme.text
        wrapMode: Text.Wrap
        horizontalAlignment: Text.AlignLeft
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }
    Item {
        id: bar

        Layout.fillWidth: true
        implicitHeight: 10
        Accessible.ignored: true

        Row {
            spacing: 1

            Repeater {
                model: root.parts
                Rectangle {
                    required property var modelData
                    required property int index

                    width: Math.max(1, (bar.width - root.parts.length) * modelData.share)
                    height: 10
                    radius: 2
                    color: root.shade(index)
                }
            }
        }
    }
    Repeater {
        model: root.parts
        RowLayout {
            id: part

            required property var modelData
            required property int index

            Layout.fillWidth: true
            spacing: Theme.gapSmall

            Rectangle {
                implicitWidth: 10
                implicitHeight: 10
                radius: 2
                color: root.shade(part.index)
            }
            SmallText {
                Layout.fillWidth: true
                text: part.modelData.name
            }
            SmallText {
                text: part.modelData.text
                color: Theme.text
            }
        }
    }
    StateLine {
        Layout.fillWidth: true
        visible: root.warning.length > 0
        text: root.warning
        iconName: "alert"
        color: Theme.warning
        fill: Theme.warningSurface
    }
}

import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// One of several ways, with a sentence about it; where it cannot be chosen, why.
RadioButton {
    id: root

    property string sentence
    property string reason

    enabled: reason.length === 0
    padding: Theme.gap
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.description: reason.length > 0 ? reason : sentence
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    indicator: Rectangle {
        x: root.mirrored ? root.width - width - root.rightPadding : root.leftPadding
        y: root.topPadding + 2
        width: 16
        height: 16
        radius: 8
        color: "transparent"
        border.width: root.checked ? 5 : 1.5
        border.color: root.checked ? Theme.accent : Theme.textMuted
        opacity: root.enabled ? 1 : 0.5
    }
    contentItem: ColumnLayout {
        spacing: 2

        Text {
            Layout.fillWidth: true
            Layout.leftMargin: root.mirrored ? 0 : 26
            Layout.rightMargin: root.mirrored ? 26 : 0
            text: root.text
            font.pixelSize: Theme.fontUi
            font.weight: Font.DemiBold
            color: root.enabled ? Theme.text : Theme.textMuted
            wrapMode: Text.Wrap
            horizontalAlignment: Text.AlignLeft
            textFormat: Text.PlainText
        }
        SmallText {
            Layout.fillWidth: true
            Layout.leftMargin: root.mirrored ? 0 : 26
            Layout.rightMargin: root.mirrored ? 26 : 0
            text: root.sentence
        }
        SmallText {
            Layout.fillWidth: true
            Layout.leftMargin: root.mirrored ? 0 : 26
            Layout.rightMargin: root.mirrored ? 26 : 0
            text: root.reason
            color: Theme.warning
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: root.checked ? Theme.bubble : root.hovered ? Theme.hover : "transparent"
        border.width: 1
        border.color: root.checked ? Theme.accent : Theme.border
        FocusRing { control: root; inset: -3; radius: Theme.radius + 3 }
    }
}

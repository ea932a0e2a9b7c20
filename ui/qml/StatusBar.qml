import QtQuick
import QtQuick.Layouts
import Fovea

// Bottom of the window: what is going on, and how fast.
Rectangle {
    id: root

    required property ChatController chat
    readonly property StatusViewModel status: chat.status
    readonly property bool roomy: width > 560

    implicitHeight: Theme.fontSmall + 16
    color: Theme.sidebar

    component Figure: Text {
        visible: text.length > 0
        font.pixelSize: Theme.fontSmall
        color: Theme.textMuted
        elide: Text.ElideRight
        textFormat: Text.PlainText
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }

    Rectangle {
        anchors { left: parent.left; right: parent.right; top: parent.top }
        height: 1
        color: Theme.border
    }
    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: Theme.gapLarge
        anchors.rightMargin: Theme.gapLarge
        spacing: Theme.gapLarge

        Figure {
            objectName: "activityText"
            Layout.fillWidth: true
            text: {
                const doing = root.status.activity !== StatusViewModel.Idle ? root.status.activityText
                                                                            : root.status.modelStateText
                return root.status.contextText.length > 0 ? doing + " \u00b7 " + root.status.contextText : doing
            }
        }
        Rectangle {
            id: gauge

            objectName: "contextGauge"
            visible: root.roomy && root.status.contextUsed > 0
            implicitWidth: 56
            implicitHeight: 6
            radius: 3
            color: Theme.track
            Accessible.role: Accessible.ProgressBar
            Accessible.name: root.status.contextUsedText

            Rectangle {
                width: Math.max(parent.height, parent.width * root.status.contextUsed)
                height: parent.height
                radius: 3
                color: root.status.contextUsed > 0.9 ? Theme.warning : Theme.accent
            }
            HoverHandler { id: gaugeHover; margin: Theme.gapSmall }
            AppToolTip {
                visible: gaugeHover.hovered
                text: root.status.contextUsedText
            }
        }
        Figure {
            objectName: "acceptanceText"
            text: root.status.acceptanceText
        }
        Figure {
            objectName: "savedText"
            text: root.status.savedText
        }
        Figure {
            objectName: "speedText"
            text: root.status.speedText
            color: Theme.text
        }
        Figure {
            visible: root.roomy && text.length > 0
            text: root.status.deviceText
        }
    }
}

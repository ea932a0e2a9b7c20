import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// A page of the insights: what it is about and its parts, which scroll, over a footer that stays in sight.
ColumnLayout {
    id: root

    required property ChatController chat
    property string about
    property string stateText: chat.insights.stateText
    readonly property bool ready: stateText.length === 0
    default property alias content: body.data
    property alias footer: foot.data
    property bool footerShown: true

    /// Scrolls to where a rectangle of an item is in sight.
    function reveal(item, rectangle) {
        const flick = scroll.contentItem
        const top = item.mapToItem(flick.contentItem, 0, rectangle.y).y
        const bottom = top + rectangle.height
        if (top < flick.contentY)
            flick.contentY = Math.max(0, top - Theme.gapLarge)
        else if (bottom > flick.contentY + flick.height)
            flick.contentY = Math.min(flick.contentHeight - flick.height, bottom - flick.height + Theme.gapLarge)
    }

    spacing: 0

    ScrollView {
        id: scroll

        Layout.fillWidth: true
        Layout.fillHeight: true
        contentWidth: availableWidth
        ScrollBar.vertical: AppScrollBar { parent: scroll; x: scroll.width - width; height: scroll.height }

        ColumnLayout {
            x: Theme.gapLarge
            width: scroll.availableWidth - 2 * Theme.gapLarge
            spacing: Theme.gap

            SmallText {
                Layout.fillWidth: true
                text: root.about
            }
            StateLine {
                objectName: "pageState"
                Layout.fillWidth: true
                visible: !root.ready
                text: root.stateText
            }
            ColumnLayout {
                id: body

                Layout.fillWidth: true
                visible: root.ready
                spacing: Theme.gap
            }
            Item { Layout.preferredHeight: Theme.gapSmall }
        }
    }
    Rectangle {
        Layout.fillWidth: true
        visible: footer.visible
        implicitHeight: 1
        color: Theme.border
    }
    Item {
        id: footer

        Layout.fillWidth: true
        implicitHeight: foot.implicitHeight + 2 * Theme.gap
        visible: root.ready && root.footerShown && foot.children.length > 0

        ColumnLayout {
            id: foot

            anchors { left: parent.left; right: parent.right; top: parent.top; margins: Theme.gap; leftMargin: Theme.gapLarge; rightMargin: Theme.gapLarge }
            spacing: Theme.gapSmall
        }
    }
}

import QtQuick
import QtQuick.Controls.Basic
import Fovea

// One of several; `name` says of what.
ComboBox {
    id: root

    property string name

    implicitHeight: Theme.controlHeight
    font.pixelSize: Theme.fontUi
    focusPolicy: Qt.TabFocus
    Accessible.name: name
    Accessible.role: Accessible.ComboBox
    Keys.onReturnPressed: popup.open()
    Keys.onEnterPressed: popup.open()

    delegate: ItemDelegate {
        id: item

        required property int index
        required property var modelData

        width: ListView.view.width
        implicitHeight: Theme.controlHeight
        highlighted: root.highlightedIndex === index
        contentItem: Text {
            text: root.textRole.length > 0 ? item.modelData[root.textRole] : item.modelData
            font.pixelSize: Theme.fontUi
            font.weight: root.currentIndex === item.index ? Font.DemiBold : Font.Normal
            color: Theme.text
            elide: Text.ElideRight
            horizontalAlignment: Text.AlignLeft
            verticalAlignment: Text.AlignVCenter
            textFormat: Text.PlainText
        }
        background: Rectangle {
            radius: Theme.radiusSmall - 2
            color: item.highlighted ? Theme.hover : "transparent"
        }
    }
    contentItem: Text {
        leftPadding: Theme.gap
        rightPadding: Theme.gap + root.indicator.width
        text: root.displayText
        font: root.font
        color: Theme.text
        elide: Text.ElideRight
        horizontalAlignment: Text.AlignLeft
        verticalAlignment: Text.AlignVCenter
        textFormat: Text.PlainText
    }
    indicator: Icon {
        x: root.mirrored ? Theme.gapSmall : root.width - width - Theme.gapSmall
        y: (root.height - height) / 2
        size: 14
        name: "chevron"
    }
    background: Rectangle {
        radius: Theme.radiusSmall
        color: root.down ? Theme.pressed : root.hovered ? Theme.hover : Theme.surface
        border.width: 1
        border.color: Theme.borderStrong
        FocusRing { control: root; inset: -3 }
    }
    popup: Popup {
        y: root.height + 2
        width: root.width
        implicitHeight: Math.min(contentItem.implicitHeight + 2 * padding, 320)
        padding: Theme.gapTiny
        contentItem: ListView {
            clip: true
            implicitHeight: contentHeight
            model: root.popup.visible ? root.delegateModel : null
            currentIndex: root.highlightedIndex
            ScrollBar.vertical: AppScrollBar {}
        }
        background: Rectangle {
            color: Theme.raised
            radius: Theme.radius
            border.width: 1
            border.color: Theme.borderStrong
        }
    }
}

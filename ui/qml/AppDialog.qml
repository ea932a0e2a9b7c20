import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import QtQuick.Templates as T
import Fovea

// A dialog over the window: a heading, what it is about, which scrolls where there is no room, and buttons. Esc closes it.
Popup {
    id: root

    property string title
    default property alias content: body.data
    property alias buttons: buttonRow.data

    parent: T.Overlay.overlay
    anchors.centerIn: parent
    width: Math.min(560, (parent ? parent.width : 560) - 2 * Theme.gapLarge)
    height: Math.min(implicitHeight, (parent ? parent.height : 560) - 2 * Theme.gapLarge)
    modal: true
    focus: true
    padding: Theme.gapHuge
    T.Overlay.modal: Rectangle { color: Theme.scrim }

    background: Rectangle {
        color: Theme.raised
        radius: Theme.radiusLarge
        border.width: 1
        border.color: Theme.borderStrong
    }
    contentItem: ColumnLayout {
        spacing: Theme.gapLarge
        Accessible.role: Accessible.Dialog
        Accessible.name: root.title

        Text {
            Layout.fillWidth: true
            text: root.title
            font.pixelSize: Math.round(Theme.fontUi * 1.4)
            font.weight: Font.DemiBold
            color: Theme.text
            wrapMode: Text.Wrap
            horizontalAlignment: Text.AlignLeft
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
        Flickable {
            Layout.fillWidth: true
            Layout.fillHeight: true
            implicitHeight: body.implicitHeight
            contentWidth: width
            contentHeight: body.implicitHeight
            boundsBehavior: Flickable.StopAtBounds
            clip: contentHeight > height
            ScrollBar.vertical: AppScrollBar {}

            ColumnLayout {
                id: body
                width: parent.width
                spacing: Theme.gap
            }
        }
        RowLayout {
            id: buttonRow
            Layout.fillWidth: true
            visible: children.length > 0
            spacing: Theme.gapSmall
        }
    }
}

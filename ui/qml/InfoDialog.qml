import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import QtQuick.Templates as T
import Fovea

// A page over the window, with a title and buttons below; Esc closes it.
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
    closePolicy: Popup.CloseOnEscape | Popup.CloseOnPressOutside
    T.Overlay.modal: Rectangle { color: Theme.scrim }

    background: Rectangle {
        color: Theme.surface
        radius: Theme.radiusLarge
        border.width: 1
        border.color: Theme.borderStrong
    }
    contentItem: ColumnLayout {
        spacing: Theme.gapLarge

        Text {
            Layout.fillWidth: true
            text: root.title
            font.pixelSize: Math.round(Theme.fontUi * 1.5)
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
            clip: true
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
            spacing: Theme.gapSmall
        }
    }
}

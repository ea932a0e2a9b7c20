import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import QtQuick.Templates as T
import Fovea

// A dialog over the window: a heading, what it is about, and buttons. Esc closes it.
Popup {
    id: root

    property string title
    default property alias content: column.data

    parent: T.Overlay.overlay
    anchors.centerIn: parent
    width: Math.min(520, parent.width - 2 * Theme.gapLarge)
    height: Math.min(implicitHeight, parent.height - 2 * Theme.gapLarge)
    modal: true
    focus: true
    padding: Theme.gapHuge

    background: Rectangle {
        color: Theme.raised
        radius: Theme.radius
        border.width: 1
        border.color: Theme.borderStrong
    }
    T.Overlay.modal: Rectangle { color: Theme.scrim }

    contentItem: ColumnLayout {
        id: column

        spacing: Theme.gapLarge
        Accessible.role: Accessible.Dialog
        Accessible.name: root.title

        Text {
            Layout.fillWidth: true
            text: root.title
            font.pixelSize: Theme.fontTitle
            font.weight: Font.DemiBold
            color: Theme.text
            wrapMode: Text.Wrap
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
    }
}

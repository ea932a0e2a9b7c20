import QtQuick
import Fovea

// Rich text of an answer. Links open in the browser by a click, and say before where they go.
ReadOnlyText {
    id: root

    property string html

    text: Theme.proseStyle + html
    textFormat: TextEdit.RichText
    onLinkActivated: link => Qt.openUrlExternally(link)
    Accessible.name: qsTr("Answer")

    HoverHandler { cursorShape: root.hoveredLink.length > 0 ? Qt.PointingHandCursor : Qt.IBeamCursor }
    AppToolTip {
        visible: root.hoveredLink.length > 0
        text: root.hoveredLink
    }
}

import QtQuick
import QtQuick.Layouts
import Fovea

// From one marked word of a text to the next.
RowLayout {
    id: root

    required property TokenText text
    property alias label: words.text

    // Asked again whenever the marks change.
    readonly property int before: text.marks.marked > 0 ? text.marks.nextMarked(text.chosen < 0 ? text.marks.count : text.chosen, -1) : -1
    readonly property int after: text.marks.marked > 0 ? text.marks.nextMarked(text.chosen, 1) : -1

    visible: text.marks.marked > 0
    spacing: 0

    SmallText {
        id: words
        Layout.fillWidth: true
    }
    IconButton {
        objectName: "previousMarked"
        iconName: "previous"
        text: qsTr("The one before")
        enabled: root.before >= 0
        onClicked: root.text.choose(root.before)
    }
    IconButton {
        objectName: "nextMarked"
        iconName: "next"
        text: qsTr("The one after")
        enabled: root.after >= 0
        onClicked: root.text.choose(root.after)
    }
}

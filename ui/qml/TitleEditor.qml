import QtQuick
import QtQuick.Controls.Basic
import Fovea

// Edits a chat's title in place: Enter or leaving accepts, Esc cancels. It says so once, through `accepted` or
// `cancelled`; whoever opened it closes it then.
TextField {
    id: root

    property bool done: false

    signal titleAccepted(string title)
    signal cancelled()

    function finish(accept) {
        if (done)
            return
        done = true
        if (accept)
            titleAccepted(text)
        else
            cancelled()
    }

    font.pixelSize: Theme.fontUi
    color: Theme.text
    selectionColor: Theme.selectionBackground
    selectedTextColor: Theme.text
    selectByMouse: true
    maximumLength: 200
    leftPadding: Theme.gapSmall - 2
    rightPadding: Theme.gapSmall - 2
    topPadding: 0
    bottomPadding: 0
    implicitHeight: Theme.controlHeight - 4
    Accessible.name: qsTr("Title of the chat")

    background: Rectangle {
        radius: Theme.radiusSmall
        color: Theme.surface
        border.width: 2
        border.color: Theme.accent
    }

    Component.onCompleted: {
        forceActiveFocus()
        selectAll()
    }
    onAccepted: finish(true)
    onActiveFocusChanged: if (!activeFocus) finish(true)
    Keys.onEscapePressed: finish(false)
    Keys.onShortcutOverride: event => { event.accepted = event.key === Qt.Key_Escape }
}

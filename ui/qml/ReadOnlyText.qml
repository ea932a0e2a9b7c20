import QtQuick
import Fovea

// Text to be read, selected and copied; the ancestor of all text of messages.
TextEdit {
    id: root

    function plainText() { return getText(0, length) }

    readOnly: true
    selectByMouse: true
    selectByKeyboard: true
    persistentSelection: false
    activeFocusOnPress: true
    wrapMode: TextEdit.Wrap
    textFormat: TextEdit.PlainText
    font.pixelSize: Theme.fontBody
    color: Theme.text
    selectionColor: Theme.selectionBackground
    selectedTextColor: Theme.text
    // The role lets a screen reader ask for the text itself; a name bound to it would copy all of it at each piece.
    Accessible.role: Accessible.EditableText
    Accessible.readOnly: true
    Accessible.multiLine: true
    // Typing after a selection belongs to the composer: only copying is handled here.
    Keys.onPressed: event => {
        event.accepted = event.matches(StandardKey.Copy) || event.matches(StandardKey.SelectAll)
        if (event.matches(StandardKey.Copy))
            copy()
        else if (event.matches(StandardKey.SelectAll))
            selectAll()
    }
}

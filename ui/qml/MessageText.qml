import QtQuick
import Fovea

// The text of one message: to be read, selected and copied. `source` sets it; append() adds to its end without laying
// out what is already there.
TextEdit {
    id: root

    property string source

    function append(piece) { insert(length, piece) }

    text: source
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

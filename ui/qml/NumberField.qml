import QtQuick
import QtQuick.Controls.Basic
import Fovea

// A number that is typed, or stepped with the arrow keys. It says what was asked for through `edited`; `value` is what
// counts, and is shown again after each edit.
TextField {
    id: root

    property real value: 0
    property real step: 1
    property int decimals: 0
    property string name

    signal edited(real wanted)

    function show() { text = value.toLocaleString(Qt.locale(), "f", decimals).split(Qt.locale().groupSeparator).join("") }
    function commit() {
        let wanted = NaN
        try {
            wanted = Number.fromLocaleString(Qt.locale(), text.trim())
        } catch (notANumber) {
        }
        if (!isNaN(wanted) && wanted !== value)
            edited(wanted)
        show()
    }

    implicitWidth: Theme.fontUi * 6
    implicitHeight: Theme.controlHeight
    font.pixelSize: Theme.fontUi
    horizontalAlignment: TextInput.AlignRight
    inputMethodHints: Qt.ImhFormattedNumbersOnly
    color: enabled ? Theme.text : Theme.textMuted
    selectionColor: Theme.selectionBackground
    selectedTextColor: Theme.text
    selectByMouse: true
    leftPadding: Theme.gapSmall
    rightPadding: Theme.gapSmall
    topPadding: 0
    bottomPadding: 0
    Accessible.role: Accessible.SpinBox
    Accessible.name: name

    background: Rectangle {
        radius: Theme.radiusSmall
        color: Theme.surface
        border.width: root.activeFocus ? 2 : 1
        border.color: root.activeFocus ? Theme.accent : Theme.borderStrong
    }

    Component.onCompleted: show()
    onValueChanged: show()
    onActiveFocusChanged: if (activeFocus) selectAll()
    onEditingFinished: commit()
    Keys.onUpPressed: root.edited(value + step)
    Keys.onDownPressed: root.edited(value - step)
}

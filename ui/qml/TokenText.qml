import QtQuick
import Fovea

// The words of an answer, marked one by one. A click or the arrow keys choose one, Esc lets go of it; `words` says what
// is chosen or under the mouse.
ReadOnlyText {
    id: root

    property alias insights: marks.insights
    property alias check: marks.check
    property alias kind: marks.kind
    property alias readLayer: marks.layer
    property alias chosen: marks.chosen
    readonly property alias marks: marks
    readonly property int pointed: hover.hovered ? under(hover.point.position) : -1
    readonly property string words: pointed >= 0 && pointed !== chosen ? marks.describe(pointed) : marks.words
    property bool choosing: false  // the cursor follows the choice, and not the other way round

    signal revealed(rect rectangle)

    function under(point) {
        const nearest = positionAt(point.x, point.y)
        const edge = positionToRectangle(nearest)
        if (point.y > edge.y + edge.height || point.y < edge.y)
            return -1
        return marks.tokenAt(point.x < edge.x ? nearest - 1 : nearest)
    }
    function choose(token) {
        if (token < 0)
            return
        choosing = true
        chosen = token
        cursorPosition = marks.characterOf(token)
        choosing = false
        revealed(positionToRectangle(cursorPosition))
    }
    function move(step) {
        choose(chosen < 0 ? marks.neighbour(marks.firstOfAnswer - 1, 1) : marks.neighbour(chosen, step))
    }

    font.pixelSize: Theme.fontUi
    onCursorPositionChanged: {
        if (activeFocus && !choosing && !tap.pressed && selectedText.length === 0) {
            chosen = marks.tokenAt(cursorPosition)
            revealed(positionToRectangle(cursorPosition))
        }
    }
    Keys.onLeftPressed: move(-1)
    Keys.onRightPressed: move(1)
    Keys.onEscapePressed: event => {
        event.accepted = chosen >= 0
        chosen = -1
    }
    Accessible.description: words

    TokenMarks {
        id: marks

        document: root.textDocument
        readColor: Theme.accent
        refusedColor: Theme.spot
        mutedColor: Theme.textMuted
        chosenColor: Theme.accent
        chosenTextColor: Theme.accentText
    }
    HoverHandler { id: hover }
    TapHandler {
        id: tap
        onTapped: point => root.choose(root.under(point.position))
    }
    // The answer stands beside a line, where what was before it is shown too.
    Rectangle {
        readonly property int character: marks.characterOf(marks.firstOfAnswer)
        readonly property rect start: root.contentHeight > 0 && character <= root.length ? root.positionToRectangle(character) : Qt.rect(0, 0, 0, 0)

        visible: marks.firstOfAnswer > 0 && marks.count > marks.firstOfAnswer
        x: root.LayoutMirroring.enabled ? root.width + 6 : -10
        y: start.y
        width: 3
        height: root.contentHeight - y
        radius: 1
        color: Theme.accent
    }
    FocusRing { visible: root.activeFocus; inset: -5; radius: Theme.radiusSmall }
}

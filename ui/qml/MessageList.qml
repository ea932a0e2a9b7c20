import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Window
import Fovea

// The messages of the chat. It follows an answer as it grows until the user scrolls up, and again once they are back at
// the end. Only what is in sight, and a little around it, exists.
Item {
    id: root

    required property ChatController chat
    property bool follow: true
    property int foundRow: -1  // lit up for a moment

    signal editRequested(int row)

    readonly property bool atEnd: list.contentHeight <= list.height || list.distanceToEnd < 24

    function jumpToEnd() {
        follow = true
        list.positionViewAtEnd()
        // Rows that come into being on the way may be taller than was guessed.
        Qt.callLater(keepUp)
    }

    ListView {
        id: list

        readonly property real distanceToEnd: originY + contentHeight - height - contentY
        readonly property bool movedByUser: moving || bar.pressed
        property real lastY: 0

        objectName: "messageView"
        anchors.fill: parent
        model: root.chat.messages
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        cacheBuffer: 400
        topMargin: Theme.gapLarge
        bottomMargin: Theme.gapTiny
        activeFocusOnTab: true
        keyNavigationEnabled: false
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Messages")

        ScrollBar.vertical: AppScrollBar { id: bar; objectName: "messageScrollBar" }

        delegate: MessageDelegate {
            width: list.width
            chat: root.chat
            found: index === root.foundRow
            onEditRequested: root.editRequested(index)
        }

        // The slightest move up is a wish to read: following on would snatch the text away.
        function userMovedBy(delta) {
            if (delta < 0)
                root.follow = false
            else if (root.atEnd)
                root.follow = true
        }
        function scrollBy(delta) {
            const lowest = originY - topMargin
            const highest = Math.max(lowest, originY + contentHeight - height + bottomMargin)
            contentY = Math.max(lowest, Math.min(highest, contentY + delta))
            userMovedBy(delta)
        }

        onContentYChanged: {
            if (movedByUser)
                userMovedBy(contentY - lastY)
            lastY = contentY
        }
        onMovementEnded: if (root.atEnd) root.follow = true
        onContentHeightChanged: if (root.follow) Qt.callLater(root.keepUp)
        onHeightChanged: if (root.follow) Qt.callLater(root.keepUp)

        Keys.onUpPressed: scrollBy(-48)
        Keys.onDownPressed: scrollBy(48)
        Keys.onPressed: event => {
            switch (event.key) {
            case Qt.Key_PageUp: scrollBy(-height * 0.9); break
            case Qt.Key_PageDown: scrollBy(height * 0.9); break
            case Qt.Key_Home: root.follow = false; positionViewAtBeginning(); break
            case Qt.Key_End: root.jumpToEnd(); break
            default: return
            }
            event.accepted = true
        }

        // A click into a text focuses that text; only Tab brings the focus to the list itself.
        FocusRing { inset: 2; visible: root.Window.activeFocusItem === list }
    }

    Timer {
        id: foundTimer
        interval: 2500
        onTriggered: root.foundRow = -1
    }

    function showFound() {
        list.positionViewAtIndex(foundRow, ListView.Beginning)
        // Rows that come into being on the way may be taller than was guessed.
        Qt.callLater(() => list.positionViewAtIndex(foundRow, ListView.Beginning))
    }
    function keepUp() {
        if (follow)
            list.positionViewAtEnd()
    }

    Connections {
        target: root.chat
        function onQuestionSent() { root.jumpToEnd() }
        function onCurrentChanged() { root.follow = true }
        function onMessageFound(row) {
            root.follow = false
            root.foundRow = row
            foundTimer.restart()
            Qt.callLater(root.showFound)
        }
    }
    Connections {
        target: root.chat.messages
        function onModelReset() { root.jumpToEnd() }
    }

    AbstractButton {
        id: jump

        objectName: "jumpButton"
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.gapSmall
        visible: opacity > 0
        opacity: !root.follow && !root.atEnd ? 1 : 0
        implicitHeight: Theme.controlHeight
        implicitWidth: jumpRow.implicitWidth + 2 * Theme.gap
        hoverEnabled: true
        focusPolicy: Qt.TabFocus
        text: qsTr("Jump to latest")
        Accessible.name: text
        Accessible.role: Accessible.Button
        onClicked: root.jumpToEnd()
        Keys.onReturnPressed: clicked()
        Keys.onEnterPressed: clicked()
        Behavior on opacity { NumberAnimation { duration: Theme.animation } }

        contentItem: Item {
            Row {
                id: jumpRow
                anchors.centerIn: parent
                spacing: Theme.gapTiny
                Icon { name: "down"; size: 16; color: Theme.text; anchors.verticalCenter: parent.verticalCenter }
                Text {
                    text: jump.text
                    font.pixelSize: Theme.fontUi
                    color: Theme.text
                    anchors.verticalCenter: parent.verticalCenter
                }
            }
        }
        background: Rectangle {
            radius: height / 2
            color: jump.down ? Theme.selected : Theme.raised
            border.width: 1
            border.color: Theme.borderStrong
            FocusRing { control: jump; radius: parent.height / 2 + 2 }
        }
    }
}

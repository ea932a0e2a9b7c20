import QtQuick
import Fovea

// One message: a question in a bubble on the right, an answer as running text on the left. What can be done with it
// keeps its place whether it is seen or not, so that nothing moves under the mouse.
Item {
    id: root

    required property int index
    required property bool isUser
    required property string text
    required property int phase
    required property string phaseText
    required property string droppedText
    required property string figuresText
    required property string timeText
    required property int version
    required property int versionCount
    required property bool canContinue
    required property ChatController chat
    property bool found: false
    // Attached files make questions long: they are folded until somebody wants them.
    property bool expanded: false
    readonly property int foldedHeight: 12 * Theme.fontBody
    readonly property bool longQuestion: isUser && question.height > 2 * foldedHeight

    signal editRequested()

    readonly property bool pending: phase === MessageListModel.Pending
    readonly property bool running: pending || phase === MessageListModel.Streaming
    readonly property bool failed: phase === MessageListModel.Failed
    readonly property bool hasText: isUser ? text.length > 0 : answer.item !== null && !answer.item.empty
    readonly property int contentWidth: Math.min(Theme.columnWidth, width - 2 * Theme.gapLarge)
    readonly property int startX: Math.round((width - contentWidth) / 2)
    readonly property int avatarSpace: width > 560 ? 40 : 0

    height: column.implicitHeight + (isUser ? Theme.gapHuge : Theme.gapSmall)

    Connections {
        target: root.chat.messages
        enabled: root.running
        function onTextAppended(row, text) {
            if (row === root.index)
                answer.item.append(text)
        }
    }

    HoverHandler { id: hover }

    Rectangle {
        x: root.startX - Theme.gapSmall
        width: root.contentWidth + 2 * Theme.gapSmall
        height: parent.height
        radius: Theme.radius
        color: Theme.found
        opacity: root.found ? 1 : 0
        Behavior on opacity { NumberAnimation { duration: 4 * Theme.animation } }
    }

    Component {
        id: actions

        MessageActions {
            isUser: root.isUser
            version: root.version
            versionCount: root.versionCount
            changeable: !root.running && !root.chat.answeringHere
            shown: (hover.hovered && !root.running) || focusInside
            copyable: root.hasText && !root.running
            details: !root.isUser && root.figuresText.length > 0 ? root.timeText + " \u00b7 " + root.figuresText
                                                                 : root.timeText
            onCopyRequested: root.chat.copyMessage(root.index)
            onEditRequested: root.editRequested()
            onRegenerateRequested: root.chat.regenerate(root.index)
            onNewChatRequested: root.chat.newChatFrom(root.index)
            onRemoveRequested: root.chat.removeBranch(root.index)
            onVersionSwitched: step => root.chat.showVersion(root.index, step)
        }
    }

    AppLogo {
        visible: !root.isUser && root.avatarSpace > 0
        x: root.startX
        y: column.y - 1
        size: 26
        opacity: root.failed ? 0.6 : 1
    }

    Column {
        id: column

        x: root.startX + (root.isUser ? 0 : root.avatarSpace)
        y: Theme.gapTiny
        width: root.contentWidth - (root.isUser ? 0 : root.avatarSpace)
        spacing: Theme.gapSmall

        StateLine {
            width: parent.width
            visible: !root.isUser && root.droppedText.length > 0
            text: root.droppedText
            color: Theme.warning
        }

        Item {
            width: parent.width
            height: bubble.height
            visible: root.isUser

            Rectangle {
                id: bubble

                anchors.right: parent.right
                width: question.width + 2 * Theme.gapLarge
                height: shownHeight + 2 * 10 + (root.longQuestion ? showAll.height : 0)
                radius: Theme.radiusLarge
                color: Theme.bubble

                readonly property real shownHeight: root.longQuestion && !root.expanded ? root.foldedHeight : question.height

                AppButton {
                    id: showAll

                    anchors { right: parent.right; rightMargin: Theme.gapSmall; bottom: parent.bottom; bottomMargin: 4 }
                    visible: root.longQuestion
                    borderColor: "transparent"
                    text: root.expanded ? qsTr("Show less") : qsTr("Show all")
                    onClicked: root.expanded = !root.expanded
                }
            }
            Item {
                x: question.boxX
                y: 10
                width: question.width
                height: bubble.shownHeight
                clip: root.longQuestion && !root.expanded

                ReadOnlyText {
                    id: question

                    readonly property real room: column.width * 0.85 - 2 * Theme.gapLarge
                    readonly property real boxX: column.width - width - Theme.gapLarge

                    objectName: root.isUser ? "messageText" : ""
                    text: root.isUser ? root.text : ""
                    width: Math.min(Math.ceil(implicitWidth), room)
                    Accessible.name: qsTr("You")
                }
            }
            Loader {
                anchors.right: bubble.left
                anchors.rightMargin: Theme.gapTiny
                anchors.bottom: bubble.bottom
                anchors.bottomMargin: 6
                width: Math.max(0, bubble.x - Theme.gapTiny)
                active: root.isUser
                sourceComponent: actions
            }
        }

        Loader {
            id: answer

            width: parent.width
            active: !root.isUser
            visible: active && root.hasText
            sourceComponent: AnswerText {
                objectName: "messageText"
                source: root.text
            }
        }

        Row {
            visible: root.pending
            height: Math.round(Theme.fontBody * 1.5)
            spacing: Theme.gap

            BusyDots { anchors.verticalCenter: parent.verticalCenter }
            Text {
                anchors.verticalCenter: parent.verticalCenter
                text: root.chat.answeringHere ? root.chat.status.activityText : ""
                font.pixelSize: Theme.fontUi
                color: Theme.textMuted
                Accessible.role: Accessible.StaticText
                Accessible.name: text
            }
        }

        StateLine {
            width: parent.width
            visible: root.phaseText.length > 0
            text: root.phaseText
            iconName: root.failed ? "alert" : root.phase === MessageListModel.Stopped ? "stop" : "info"
            color: root.failed ? Theme.danger : Theme.textMuted
            fill: root.failed ? Theme.dangerSurface : "transparent"
        }

        AppButton {
            objectName: "continueButton"
            visible: root.canContinue && !root.running
            enabled: root.chat.canSend
            text: qsTr("Continue")
            onClicked: root.chat.continueAnswer(root.index)
        }

        Loader {
            x: -6
            width: parent.width + 6
            active: !root.isUser
            visible: active
            sourceComponent: actions
        }
    }
}

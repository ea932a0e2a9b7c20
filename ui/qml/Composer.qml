import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// Where a question is written. Enter sends, Shift+Enter breaks the line, Esc stops; it grows up to eight lines. The
// text stays while an answer is being written, and with the chat it was written in.
FocusScope {
    id: root

    required property ChatController chat

    signal attachRequested()
    signal searchRequested()

    readonly property bool busy: chat.answeringHere || chat.answeringElsewhere
    readonly property int maximumLines: 8
    property alias text: input.text

    function send() {
        if (chat.send(input.text))
            input.clear()
    }
    /// Takes an earlier question, as ChatController.beginEdit() gives it; what was typed comes back afterwards.
    function edit(question) {
        if (question.length === 0)
            return
        if (!editBar.visible)
            editBar.typedBefore = input.text
        editBar.visible = true
        input.text = question
        input.cursorPosition = input.length
        input.forceActiveFocus()
    }
    function cancelEdit() {
        chat.endEdit()
        input.forceActiveFocus()
    }
    function focusInput() { input.forceActiveFocus() }
    function typed(piece) {
        input.forceActiveFocus()
        input.insert(input.cursorPosition, piece)
    }

    implicitHeight: column.implicitHeight

    Connections {
        target: root.chat
        function onEditingChanged() {
            if (root.chat.editing)
                return
            if (editBar.visible)
                input.text = editBar.typedBefore
            editBar.visible = false
        }
        function onCurrentChanged() {
            if (input.text !== root.chat.draft) {
                input.text = root.chat.draft
                input.cursorPosition = input.length
            }
        }
    }

    ColumnLayout {
        id: column

        anchors.horizontalCenter: parent.horizontalCenter
        width: Math.min(Theme.columnWidth, parent.width - 2 * Theme.gapLarge)
        spacing: Theme.gapTiny

        RowLayout {
            id: editBar

            property string typedBefore

            objectName: "editBar"
            Layout.fillWidth: true
            Layout.leftMargin: Theme.gapSmall
            visible: false
            spacing: Theme.gapSmall

            Icon { name: "pencil"; size: 16 }
            Text {
                Layout.fillWidth: true
                text: qsTr("Editing an earlier question. It will be asked anew; the first version stays.")
                font.pixelSize: Theme.fontSmall
                color: Theme.textMuted
                elide: Text.ElideRight
                Accessible.role: Accessible.StaticText
                Accessible.name: text
            }
            AppButton {
                objectName: "cancelEditButton"
                text: qsTr("Cancel")
                onClicked: root.cancelEdit()
            }
        }
        Flow {
            Layout.fillWidth: true
            Layout.leftMargin: Theme.gapSmall
            visible: attachments.count > 0
            spacing: Theme.gapSmall

            Repeater {
                id: attachments

                model: root.chat.attachments
                delegate: Rectangle {
                    id: chip

                    required property int index
                    required property string name
                    required property string sizeText

                    width: chipRow.implicitWidth + Theme.gapSmall
                    height: Theme.controlHeight
                    radius: Theme.radiusSmall
                    color: Theme.surface
                    border.width: 1
                    border.color: Theme.border
                    Accessible.role: Accessible.StaticText
                    Accessible.name: qsTr("Attached: %1, %2").arg(name).arg(sizeText)

                    Row {
                        id: chipRow

                        anchors.verticalCenter: parent.verticalCenter
                        leftPadding: Theme.gapSmall
                        spacing: Theme.gapTiny

                        Text {
                            anchors.verticalCenter: parent.verticalCenter
                            text: chip.sizeText.length > 0 ? chip.name + " \u00b7 " + chip.sizeText : chip.name
                            font.pixelSize: Theme.fontSmall
                            color: Theme.text
                            textFormat: Text.PlainText
                        }
                        IconButton {
                            size: 26
                            iconSize: 14
                            iconName: "close"
                            text: qsTr("Take away")
                            onClicked: root.chat.attachments.remove(chip.index)
                        }
                    }
                }
            }
        }
        Rectangle {
            id: frame

            Layout.fillWidth: true
            implicitHeight: row.implicitHeight + 2 * 6
            radius: Theme.radiusLarge
            color: Theme.surface
            border.width: input.activeFocus ? 2 : 1
            border.color: input.activeFocus ? Theme.accent : Theme.borderStrong

            // A click anywhere in the frame is meant for the text.
            TapHandler { onTapped: input.forceActiveFocus() }

            RowLayout {
                id: row

                anchors.fill: parent
                anchors.margins: 6
                spacing: Theme.gapTiny

                IconButton {
                    objectName: "attachButton"
                    Layout.alignment: Qt.AlignBottom
                    size: Theme.controlHeight + 4
                    iconName: "attach"
                    text: qsTr("Attach a text or PDF file")
                    onClicked: root.attachRequested()
                }
                Flickable {
                    id: scroller

                    Layout.fillWidth: true
                    Layout.alignment: Qt.AlignVCenter
                    implicitHeight: Math.min(input.implicitHeight,
                                             metrics.lineSpacing * root.maximumLines + input.topPadding + input.bottomPadding)
                    contentWidth: width
                    contentHeight: input.implicitHeight
                    clip: true
                    boundsBehavior: Flickable.StopAtBounds
                    ScrollBar.vertical: AppScrollBar {}

                    TextArea.flickable: TextArea {
                        id: input

                        objectName: "composerInput"
                        focus: true
                        wrapMode: TextArea.Wrap
                        textFormat: TextEdit.PlainText
                        font.pixelSize: Theme.fontBody
                        color: Theme.text
                        placeholderText: qsTr("Write a message")
                        placeholderTextColor: Theme.textMuted
                        selectionColor: Theme.selectionBackground
                        selectedTextColor: Theme.text
                        selectByMouse: true
                        leftPadding: 0
                        rightPadding: Theme.gapSmall
                        topPadding: 7
                        bottomPadding: 7
                        background: null
                        Accessible.name: qsTr("Message")
                        Accessible.description: hint.text
                        KeyNavigation.priority: KeyNavigation.BeforeItem
                        KeyNavigation.tab: sendButton

                        onTextChanged: if (!root.chat.editing) root.chat.draft = text
                        Keys.onPressed: event => {
                            const enter = event.key === Qt.Key_Return || event.key === Qt.Key_Enter
                            if (enter && !(event.modifiers & (Qt.ShiftModifier | Qt.AltModifier))) {
                                event.accepted = true
                                if (!event.isAutoRepeat)
                                    root.send()
                            } else if (event.key === Qt.Key_K && event.modifiers === Qt.ControlModifier) {
                                // On X11 text fields take it for "delete to the end of the line".
                                event.accepted = true
                                root.searchRequested()
                            } else if (event.key === Qt.Key_Escape && root.chat.editing) {
                                event.accepted = true
                                root.cancelEdit()
                            } else if (event.key === Qt.Key_Up && input.length === 0 && !root.chat.answeringHere) {
                                event.accepted = true
                                root.edit(root.chat.beginEditLast())
                            } else if (event.key === Qt.Key_Escape && root.busy) {
                                event.accepted = true
                                root.chat.stop()
                            }
                        }
                    }
                }

                RoundButton {
                    id: sendButton

                    readonly property bool stops: root.busy

                    objectName: "sendButton"
                    Layout.alignment: Qt.AlignBottom
                    implicitWidth: Theme.controlHeight + 4
                    implicitHeight: Theme.controlHeight + 4
                    focusPolicy: Qt.TabFocus
                    hoverEnabled: true
                    enabled: stops || (root.chat.canSend && input.text.trim().length > 0)
                    Accessible.role: Accessible.Button
                    Accessible.name: stops ? qsTr("Stop") : qsTr("Send")
                    onClicked: {
                        if (stops)
                            root.chat.stop()
                        else
                            root.send()
                        input.forceActiveFocus()
                    }
                    Keys.onReturnPressed: clicked()
                    Keys.onEnterPressed: clicked()

                    contentItem: Item {
                        Icon {
                            anchors.centerIn: parent
                            name: sendButton.stops ? "stop" : "send"
                            size: 20
                            color: sendButton.enabled ? (sendButton.stops ? Theme.text : Theme.accentText) : Theme.textMuted
                        }
                    }
                    background: Rectangle {
                        radius: height / 2
                        color: !sendButton.enabled ? Theme.hover
                             : sendButton.stops ? (sendButton.hovered ? Theme.pressed : Theme.selected)
                             : sendButton.down ? Theme.accentPressed
                             : sendButton.hovered ? Theme.accentHover : Theme.accent
                        FocusRing { control: sendButton; inset: -3; radius: parent.height / 2 + 3 }
                    }
                    AppToolTip {
                        visible: sendButton.hovered
                        text: sendButton.stops ? qsTr("Stop  Esc") : qsTr("Send  Enter")
                    }
                }
            }
        }

        Text {
            id: hint

            objectName: "composerHint"
            Layout.fillWidth: true
            text: root.chat.sendHint.length > 0 ? root.chat.sendHint
                : qsTr("Enter sends, Shift+Enter starts a new line")
            font.pixelSize: Theme.fontSmall
            color: Theme.textMuted
            horizontalAlignment: Text.AlignHCenter
            elide: Text.ElideRight
        }
    }

    FontMetrics {
        id: metrics
        font: input.font
    }
}

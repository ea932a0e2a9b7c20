import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import QtQuick.Templates as T
import Fovea

// Search over all chats. Up and Down choose, Enter opens the chat at what was found, Esc closes.
Popup {
    id: root

    required property ChatController chat
    readonly property SearchModel results: chat.search

    signal hitOpened()

    function openRow(row) {
        if (row < 0 || row >= results.count)
            return
        chat.openHit(row)
        close()
        hitOpened()
    }

    parent: T.Overlay.overlay
    x: Math.round((parent.width - width) / 2)
    y: Math.min(72, Math.round(parent.height * 0.08))
    width: Math.min(640, parent.width - 2 * Theme.gapLarge)
    height: Math.min(implicitHeight, parent.height - y - Theme.gapLarge)
    modal: true
    focus: true
    padding: 1
    onOpened: {
        field.selectAll()
        field.forceActiveFocus()
    }

    background: Rectangle {
        color: Theme.raised
        radius: Theme.radius
        border.width: 1
        border.color: Theme.borderStrong
    }
    T.Overlay.modal: Rectangle { color: Theme.scrim }

    contentItem: ColumnLayout {
        spacing: 0

        RowLayout {
            Layout.fillWidth: true
            Layout.margins: Theme.gapSmall
            spacing: Theme.gapSmall

            Icon {
                Layout.leftMargin: Theme.gapSmall
                name: "search"
            }
            TextField {
                id: field

                objectName: "searchField"
                Layout.fillWidth: true
                text: root.results.query
                font.pixelSize: Theme.fontBody
                color: Theme.text
                placeholderText: qsTr("Search in all chats")
                placeholderTextColor: Theme.textMuted
                selectionColor: Theme.selectionBackground
                selectedTextColor: Theme.text
                selectByMouse: true
                background: null
                Accessible.name: placeholderText
                onTextEdited: root.results.query = text
                Keys.onUpPressed: list.currentIndex = Math.max(0, list.currentIndex - 1)
                Keys.onDownPressed: list.currentIndex = Math.min(list.count - 1, list.currentIndex + 1)
                onAccepted: root.openRow(list.currentIndex)
            }
        }
        Rectangle {
            Layout.fillWidth: true
            implicitHeight: 1
            color: Theme.border
            visible: list.count > 0 || note.visible
        }
        Text {
            id: note

            objectName: "searchNote"
            Layout.fillWidth: true
            Layout.margins: Theme.gapLarge
            visible: root.results.settled && list.count === 0 && field.text.trim().length > 0
            text: qsTr("Nothing was found. Every word has to occur; the last one may be a beginning.")
            font.pixelSize: Theme.fontUi
            color: Theme.textMuted
            wrapMode: Text.Wrap
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }
        ListView {
            id: list

            objectName: "searchResults"
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredHeight: Math.min(contentHeight, 460)
            visible: count > 0
            clip: true
            model: root.results
            currentIndex: 0
            boundsBehavior: Flickable.StopAtBounds
            highlightMoveDuration: 0
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Search results")
            ScrollBar.vertical: AppScrollBar {}

            delegate: ItemDelegate {
                id: hit

                required property int index
                required property string title
                required property string excerpt
                required property string whenText
                required property bool isTitle

                width: ListView.view.width
                padding: Theme.gapSmall
                leftPadding: Theme.gapLarge
                rightPadding: Theme.gapLarge
                hoverEnabled: true
                highlighted: ListView.isCurrentItem
                Accessible.role: Accessible.ListItem
                Accessible.name: title + ", " + whenText
                onClicked: root.openRow(index)

                background: Rectangle {
                    color: hit.highlighted ? Theme.pressed : hit.hovered ? Theme.hover : "transparent"
                }
                contentItem: ColumnLayout {
                    spacing: 2

                    RowLayout {
                        Layout.fillWidth: true
                        spacing: Theme.gapSmall

                        Text {
                            Layout.fillWidth: true
                            text: hit.isTitle ? hit.excerpt : hit.title
                            textFormat: hit.isTitle ? Text.StyledText : Text.PlainText
                            font.pixelSize: hit.isTitle ? Theme.fontUi : Theme.fontSmall
                            color: hit.isTitle ? Theme.text : Theme.textMuted
                            elide: Text.ElideRight
                        }
                        Text {
                            text: hit.whenText
                            font.pixelSize: Theme.fontSmall
                            color: Theme.textMuted
                        }
                    }
                    Text {
                        Layout.fillWidth: true
                        visible: !hit.isTitle
                        text: hit.excerpt
                        textFormat: Text.StyledText
                        font.pixelSize: Theme.fontUi
                        color: Theme.text
                        wrapMode: Text.Wrap
                        maximumLineCount: 2
                        elide: Text.ElideRight
                    }
                }
            }
        }
    }
}

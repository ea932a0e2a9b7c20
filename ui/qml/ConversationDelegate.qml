import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts
import Fovea

// One chat in the list: title, age, and what can be done with it.
ItemDelegate {
    id: root

    required property int index
    required property string title
    required property string updatedText
    required property bool isCurrent
    required property bool isAnswering
    required property bool isPinned
    required property bool isArchived
    property bool editing: false

    signal chosen()
    signal renamed(string title)
    signal removeRequested()
    signal pinRequested(bool pinned)
    signal archiveRequested(bool archived)
    signal editingFinished()

    readonly property bool keyboardHere: ListView.isCurrentItem && ListView.view.activeFocus
    readonly property bool showActions: (hovered || keyboardHere) && !editing

    function edit() { editing = true }

    width: ListView.view ? ListView.view.width : implicitWidth
    height: Theme.controlHeight + 6
    padding: 0
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    Accessible.role: Accessible.ListItem
    Accessible.name: isAnswering ? qsTr("%1, being answered").arg(title) : qsTr("%1, %2").arg(title).arg(updatedText)
    Accessible.selected: isCurrent
    onClicked: chosen()
    onDoubleClicked: edit()

    background: Rectangle {
        x: Theme.gapSmall
        y: 1
        width: root.width - 2 * Theme.gapSmall
        height: root.height - 2
        radius: Theme.radiusSmall + 2
        color: root.isCurrent ? Theme.selected : root.down ? Theme.pressed : root.hovered ? Theme.hover : "transparent"
        border.width: root.keyboardHere && !root.editing ? 2 : 0
        border.color: Theme.accent
    }

    contentItem: Item {
        RowLayout {
            anchors.fill: parent
            anchors.leftMargin: Theme.gapSmall + Theme.gap
            anchors.rightMargin: Theme.gapSmall + Theme.gapTiny
            spacing: Theme.gapTiny
            visible: !root.editing

            Text {
                Layout.fillWidth: true
                text: root.title
                font.pixelSize: Theme.fontUi
                font.weight: root.isCurrent ? Font.DemiBold : Font.Normal
                color: Theme.text
                elide: Text.ElideRight
                textFormat: Text.PlainText
            }
            BusyDots {
                visible: root.isAnswering && !root.showActions
                dotSize: 4
                Layout.rightMargin: Theme.gapSmall
            }
            Text {
                visible: !root.showActions && !root.isAnswering
                text: root.updatedText
                font.pixelSize: Theme.fontSmall
                color: Theme.textMuted
                Layout.rightMargin: Theme.gapSmall
            }
            IconButton {
                objectName: "renameButton"
                visible: root.showActions
                iconName: "pencil"
                iconSize: 16
                size: Theme.controlHeight - 4
                focusPolicy: Qt.NoFocus
                text: qsTr("Rename")
                shortcutText: "F2"
                onClicked: root.edit()
            }
            IconButton {
                objectName: "removeButton"
                visible: root.showActions
                iconName: "trash"
                iconSize: 16
                size: Theme.controlHeight - 4
                focusPolicy: Qt.NoFocus
                text: qsTr("Delete")
                shortcutText: qsTr("Del")
                onClicked: root.removeRequested()
            }
        }

        Loader {
            anchors.fill: parent
            anchors.leftMargin: Theme.gapSmall + Theme.gapTiny
            anchors.rightMargin: Theme.gapSmall + Theme.gapTiny
            anchors.topMargin: 3
            anchors.bottomMargin: 3
            active: root.editing
            sourceComponent: TitleEditor {
                objectName: "titleEditor"
                text: root.title
                onTitleAccepted: title => {
                    root.editing = false
                    root.renamed(title)
                    root.editingFinished()
                }
                onCancelled: {
                    root.editing = false
                    root.editingFinished()
                }
            }
        }
    }

    // An area and not a tap handler: it keeps the press from opening the chat as well.
    MouseArea {
        anchors.fill: parent
        acceptedButtons: Qt.RightButton
        onClicked: menu.popup()
    }
    AppMenu {
        id: menu
        implicitWidth: 240
        Action { text: qsTr("Rename"); onTriggered: root.edit() }
        Action { text: root.isPinned ? qsTr("Unpin") : qsTr("Pin"); onTriggered: root.pinRequested(!root.isPinned) }
        Action {
            text: root.isArchived ? qsTr("Bring back from the archive") : qsTr("Archive")
            onTriggered: root.archiveRequested(!root.isArchived)
        }
        Action { text: qsTr("Delete"); onTriggered: root.removeRequested() }
    }
}

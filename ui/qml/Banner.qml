import QtQuick
import QtQuick.Layouts
import Fovea

// Something went wrong or needs to be known, in words, with what can be done about it.
Rectangle {
    id: root

    property string title
    property string text
    property bool serious: true
    default property alias actions: actionRow.data

    readonly property color ink: serious ? Theme.danger : Theme.warning

    implicitHeight: column.implicitHeight + 2 * Theme.gap
    radius: Theme.radius
    color: serious ? Theme.dangerSurface : Theme.warningSurface
    border.width: 1
    border.color: Qt.rgba(ink.r, ink.g, ink.b, 0.35)
    Accessible.role: Accessible.AlertMessage
    Accessible.name: title
    Accessible.description: text

    Icon {
        id: icon
        x: Theme.gap
        y: Theme.gap
        size: 20
        name: "alert"
        color: root.ink
    }
    ColumnLayout {
        id: column

        anchors { left: icon.right; right: parent.right; top: parent.top; margins: Theme.gap; leftMargin: 10 }
        spacing: Theme.gapTiny

        Text {
            Layout.fillWidth: true
            text: root.title
            font.pixelSize: Theme.fontUi
            font.weight: Font.DemiBold
            color: Theme.text
            wrapMode: Text.Wrap
            textFormat: Text.PlainText
        }
        TextEdit {
            Layout.fillWidth: true
            visible: text.length > 0
            text: root.text
            readOnly: true
            selectByMouse: true
            font.pixelSize: Theme.fontUi
            color: Theme.text
            selectionColor: Theme.selectionBackground
            selectedTextColor: Theme.text
            wrapMode: TextEdit.Wrap
            textFormat: TextEdit.PlainText
        }
        Flow {
            id: actionRow
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapTiny
            spacing: Theme.gapSmall
        }
    }
}

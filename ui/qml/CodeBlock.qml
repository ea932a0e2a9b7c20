import QtQuick
import QtQuick.Controls.Basic
import Fovea

// Code of an answer, coloured by its language, with a button that copies it. Long lines scroll, they do not wrap.
Rectangle {
    id: root

    property string code
    property string language

    function plainText() { return edit.plainText() }

    // Growing code is added to, so that lines which are there are neither laid out nor coloured again.
    onCodeChanged: {
        const shown = edit.length
        if (shown > 0 && code.length > shown && code.startsWith(edit.text))
            edit.insert(shown, code.slice(shown))
        else
            edit.text = code
    }

    implicitHeight: header.height + scroller.height
    radius: Theme.radius
    color: Theme.codeSurface
    border.width: 1
    border.color: Theme.border

    Item {
        id: header

        width: parent.width
        height: Theme.controlHeight

        Text {
            anchors { left: parent.left; leftMargin: Theme.gap; verticalCenter: parent.verticalCenter }
            text: root.language.length > 0 ? root.language : qsTr("Code")
            font.pixelSize: Theme.fontSmall
            color: Theme.textMuted
            textFormat: Text.PlainText
        }
        IconButton {
            objectName: "copyCodeButton"
            anchors { right: parent.right; rightMargin: Theme.gapTiny; verticalCenter: parent.verticalCenter }
            size: 28
            iconSize: 16
            iconName: copied.running ? "check" : "copy"
            iconColor: copied.running ? Theme.success : Theme.textMuted
            text: copied.running ? qsTr("Copied") : qsTr("Copy code")
            onClicked: {
                edit.selectAll()
                edit.copy()
                edit.deselect()
                copied.restart()
            }
            Timer { id: copied; interval: 1600 }
        }
    }
    Flickable {
        id: scroller

        y: header.height
        width: parent.width
        height: edit.height + Theme.gapSmall
        contentWidth: Math.max(width, edit.implicitWidth)
        contentHeight: edit.height
        flickableDirection: Flickable.HorizontalFlick
        boundsBehavior: Flickable.StopAtBounds
        interactive: contentWidth > width
        clip: true
        ScrollBar.horizontal: AppScrollBar { implicitHeight: 12 }

        ReadOnlyText {
            id: edit

            objectName: "codeText"
            width: Math.max(implicitWidth, scroller.width)
            leftPadding: Theme.gap
            rightPadding: Theme.gap
            bottomPadding: Theme.gapTiny
            wrapMode: TextEdit.NoWrap
            font.family: Theme.codeFamily
            font.pixelSize: Theme.fontUi
            Accessible.name: root.language.length > 0 ? qsTr("Code in %1").arg(root.language) : qsTr("Code")
        }
    }
    CodeHighlighter {
        document: edit.textDocument
        language: root.language
        colors: Theme.codeColors
    }
}

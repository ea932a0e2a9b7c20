import QtQuick
import QtQuick.Layouts
import Fovea

// What a chat shows before its first question: who answers, how far to trust it, and a few ways to begin.
Flickable {
    id: root

    required property ChatController chat
    readonly property var examples: [
        qsTr("Who are you?"),
        qsTr("Do you like music?"),
        qsTr("What do you like to do in the morning?"),
        qsTr("What is economics?")
    ]

    contentWidth: width
    contentHeight: Math.max(height, column.implicitHeight + 2 * Theme.gapHuge)
    boundsBehavior: Flickable.StopAtBounds
    clip: true

    ColumnLayout {
        id: column

        readonly property int available: Math.min(620, root.width - 2 * Theme.gapHuge)

        anchors.horizontalCenter: parent.horizontalCenter
        y: Math.max(Theme.gapHuge, Math.round((root.contentHeight - implicitHeight) * 0.42))
        width: available
        spacing: 0

        AppLogo {
            Layout.alignment: Qt.AlignHCenter
            visible: root.height > 360
            size: root.height > 440 ? 84 : 56
        }
        Text {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapLarge
            text: qsTr("What shall we talk about?")
            font.pixelSize: Theme.fontDisplay
            font.weight: Font.DemiBold
            color: Theme.text
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
        Text {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapSmall
            text: root.chat.usesEmbeddedModel
                  ? qsTr("The built-in model is small: 51 million parameters. It is a demonstration that chats and tells "
                         + "stories, and it is usually wrong about facts. It runs on this computer; nothing leaves it.")
                  : qsTr("The model runs on this computer; nothing leaves it.")
            font.pixelSize: Theme.fontUi
            lineHeight: 1.4
            color: Theme.textMuted
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.Wrap
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }
        GridLayout {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapHuge
            columns: column.available >= 480 ? 2 : 1
            columnSpacing: Theme.gap
            rowSpacing: Theme.gap

            Repeater {
                model: root.examples
                ExampleCard {
                    required property string modelData
                    required property int index

                    objectName: "example" + index
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                    text: modelData
                    enabled: root.chat.canSend
                    onClicked: root.chat.send(text)
                }
            }
        }
    }
}

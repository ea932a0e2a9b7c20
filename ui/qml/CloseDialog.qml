import QtQuick
import QtQuick.Layouts
import Fovea

// Asked before the window closes in the middle of an answer.
AppDialog {
    id: root

    signal closeAccepted()

    title: qsTr("An answer is being written")

    onOpened: stay.forceActiveFocus()

    Text {
        Layout.fillWidth: true
        text: qsTr("What has been written so far is saved. You can let the model go on with it later.")
        font.pixelSize: Theme.fontUi
        color: Theme.text
        wrapMode: Text.Wrap
    }
    RowLayout {
        Layout.alignment: Qt.AlignRight
        spacing: Theme.gapSmall

        AppButton {
            objectName: "closeAnywayButton"
            text: qsTr("Stop and close")
            onClicked: root.closeAccepted()
        }
        AppButton {
            id: stay

            objectName: "stayButton"
            primary: true
            text: qsTr("Keep answering")
            onClicked: root.close()
        }
    }
}

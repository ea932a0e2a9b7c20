import QtQuick
import QtQuick.Layouts
import Fovea

// Asked before the window closes in the middle of an answer.
AppDialog {
    id: root

    signal closeAccepted()

    title: qsTr("An answer is being written")

    DialogText {
        text: qsTr("What has been written so far is saved. You can let the model go on with it later.")
    }

    buttons: [
        Item { Layout.fillWidth: true },
        AppButton {
            objectName: "closeAnywayButton"
            text: qsTr("Stop and close")
            onClicked: root.closeAccepted()
        },
        AppButton {
            objectName: "stayButton"
            primary: true
            focus: true
            text: qsTr("Keep answering")
            onClicked: root.close()
        }
    ]
}

import QtQuick
import QtQuick.Layouts
import Fovea

// Which version this is, and by whose work and under which licences it runs.
AppDialog {
    id: root

    readonly property AboutInfo info: AboutInfo {}

    signal welcomeRequested()

    objectName: "aboutDialog"
    title: qsTr("About Fovea")

    RowLayout {
        Layout.fillWidth: true
        spacing: Theme.gapLarge

        AppLogo { size: 56 }
        DialogText {
            text: qsTr("Fovea %1\nA local chat that shows its attention.\nMIT licence.").arg(root.info.version)
        }
    }
    DialogText {
        text: qsTr("Its engine implements and goes beyond \u201cSpecAttn: Speculating Sparse Attention\u201d (arXiv 2510.27641).")
    }
    Text {
        text: qsTr("Built with")
        font.pixelSize: Theme.fontUi
        font.weight: Font.DemiBold
        color: Theme.text
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
    ColumnLayout {
        Layout.fillWidth: true
        spacing: 0

        Repeater {
            model: root.info.libraries

            RowLayout {
                id: line

                required property var modelData

                Layout.fillWidth: true
                spacing: Theme.gap

                DialogText {
                    Layout.preferredWidth: 30
                    text: line.modelData.version.length > 0 ? line.modelData.name + " " + line.modelData.version
                                                            : line.modelData.name
                }
                DialogText {
                    Layout.preferredWidth: 20
                    color: Theme.textMuted
                    text: line.modelData.licence
                }
            }
        }
    }
    DialogText {
        color: Theme.textMuted
        text: qsTr("The built-in pair was trained for Fovea on openly licensed text; its model card lies beside it. The calibration text is MIT.")
    }

    buttons: [
        AppButton {
            text: qsTr("Welcome")
            onClicked: {
                root.close()
                root.welcomeRequested()
            }
        },
        Item { Layout.fillWidth: true },
        AppButton {
            objectName: "aboutCloseButton"
            primary: true
            focus: true
            text: qsTr("Close")
            onClicked: root.close()
        }
    ]
}

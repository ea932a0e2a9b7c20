import QtQuick
import QtQuick.Layouts
import Fovea

// What a person should know before the first question: what the built-in pair is, and how to load a better one.
AppDialog {
    id: root

    signal modelRequested()

    objectName: "welcomeDialog"
    title: qsTr("Welcome to Fovea")

    DialogText {
        text: qsTr("Fovea chats with a language model that runs on this computer, in this program. Nothing you write leaves it.")
    }
    DialogText {
        text: qsTr("The model that comes with it is small: 51 million parameters, with a draft of 6.5 million. It is a demonstration that chats and tells stories, not an oracle: it is usually wrong about facts, and it cannot calculate.")
    }
    DialogText {
        text: qsTr("For knowledge, load a larger model: any GGUF file of the Llama architecture in F32, F16, BF16, Q8_0 or Q4_0. In the settings, under Model, choose it as the verifier, and a small model of the same vocabulary as its draft. What the two will take of your memory is shown before they are loaded.")
    }
    DialogText {
        text: qsTr("What Fovea is about: the draft's attention tells the verifier which few entries of its memory of the chat are worth reading. Try it in the settings, under Decoding, with mode Sparse.")
    }
    DialogText {
        color: Theme.textMuted
        text: qsTr("Ctrl+comma opens the settings, and this page can be found there again.")
    }

    buttons: [
        AppButton {
            objectName: "welcomeModelButton"
            text: qsTr("Choose a model\u2026")
            onClicked: {
                root.close()
                root.modelRequested()
            }
        },
        Item { Layout.fillWidth: true },
        AppButton {
            objectName: "welcomeStartButton"
            primary: true
            focus: true
            text: qsTr("Begin")
            onClicked: root.close()
        }
    ]
}

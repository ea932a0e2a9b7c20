import QtQuick
import QtQuick.Layouts
import Fovea

// The troubles of the moment, above the messages: the model could not be loaded, chats cannot be saved.
ColumnLayout {
    id: root

    required property ChatController chat
    readonly property bool loadFailed: chat.status.modelState === StatusViewModel.Failed
    readonly property bool any: loadFailed || chat.storeError.length > 0 || chat.storeNotice.length > 0

    spacing: Theme.gapSmall
    visible: any

    Banner {
        objectName: "loadFailedBanner"
        Layout.fillWidth: true
        visible: root.loadFailed
        title: qsTr("The model could not be loaded")
        text: root.chat.status.loadRemedy.length > 0
              ? root.chat.status.loadError + "\n" + root.chat.status.loadRemedy : root.chat.status.loadError

        AppButton {
            objectName: "retryButton"
            primary: true
            text: qsTr("Try again")
            onClicked: root.chat.retryLoad()
        }
        AppButton {
            objectName: "embeddedButton"
            visible: !root.chat.usesEmbeddedModel
            text: qsTr("Use the built-in model")
            onClicked: root.chat.useEmbeddedModel()
        }
    }
    Banner {
        objectName: "storeErrorBanner"
        Layout.fillWidth: true
        visible: root.chat.storeError.length > 0
        title: qsTr("Your chats may not be saved")
        text: root.chat.storeError

        AppButton {
            text: qsTr("Hide")
            onClicked: root.chat.dismissStoreMessages()
        }
    }
    Banner {
        Layout.fillWidth: true
        visible: root.chat.storeError.length === 0 && root.chat.storeNotice.length > 0
        serious: false
        title: qsTr("Your chats were brought up to date")
        text: root.chat.storeNotice

        AppButton {
            text: qsTr("Hide")
            onClicked: root.chat.dismissStoreMessages()
        }
    }
}

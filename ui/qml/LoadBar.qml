import QtQuick
import QtQuick.Layouts
import Fovea

// At the foot of the model's settings: loading what was chosen, how far it is, and why it failed.
ColumnLayout {
    id: root

    required property ModelViewModel model
    property bool answering: false

    visible: model.loading || model.differs || model.loadError.length > 0
    spacing: Theme.gapSmall

    StateLine {
        objectName: "loadError"
        Layout.fillWidth: true
        visible: root.model.loadError.length > 0
        text: root.model.loadError
        iconName: "alert"
        color: Theme.danger
        fill: Theme.dangerSurface
    }
    ProgressLine {
        objectName: "loadProgress"
        Layout.fillWidth: true
        visible: root.model.loading
        progress: root.model.loadProgress
        text: root.model.loadStage.length > 0 ? root.model.loadStage
            : root.answering ? qsTr("Loads when the answer under way is finished\u2026") : qsTr("Loading the model\u2026")
    }
    SmallText {
        Layout.fillWidth: true
        visible: !root.model.loading && root.model.differs
        text: qsTr("What you changed here counts after loading. Until then the loaded pair goes on answering.")
    }
    Flow {
        Layout.fillWidth: true
        spacing: Theme.gapSmall

        AppButton {
            objectName: "loadButton"
            visible: !root.model.loading && root.model.differs
            enabled: root.model.canLoad
            primary: true
            text: qsTr("Load")
            onClicked: root.model.load()
        }
        AppButton {
            objectName: "discardButton"
            visible: !root.model.loading && root.model.differs
            text: qsTr("Discard")
            onClicked: root.model.discard()
        }
        AppButton {
            objectName: "cancelLoadButton"
            visible: root.model.loading
            text: qsTr("Stop loading")
            onClicked: root.model.cancel()
        }
    }
}

import QtQuick
import QtQuick.Layouts
import Fovea

// The title of a part of the settings and, at its end, the way back to its defaults.
RowLayout {
    id: root

    property string text
    property bool resettable: true
    property bool atDefault: true

    signal resetRequested()

    Layout.fillHeight: false
    Layout.minimumHeight: Theme.controlHeight
    spacing: Theme.gapSmall

    Text {
        Layout.fillWidth: true
        text: root.text
        font.pixelSize: Theme.fontTitle
        font.weight: Font.DemiBold
        color: Theme.text
        elide: Text.ElideRight
        horizontalAlignment: Text.AlignLeft
        verticalAlignment: Text.AlignVCenter
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
    AppButton {
        objectName: "defaultsButton"
        visible: root.resettable
        enabled: !root.atDefault
        text: qsTr("Defaults")
        Accessible.description: qsTr("Brings this section back to its defaults")
        borderColor: "transparent"
        textColor: Theme.accent
        implicitHeight: Theme.controlHeight - 6
        font.pixelSize: Theme.fontSmall
        onClicked: root.resetRequested()
    }
}

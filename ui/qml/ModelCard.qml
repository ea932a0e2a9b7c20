import QtQuick
import QtQuick.Layouts
import Fovea

// One model of the pair: which file, what is in it, what is wrong with it, and how to choose another.
Rectangle {
    id: root

    property string role
    property string name
    property string details
    property string path
    property string problem
    property var recent: []
    property bool removable: false

    signal fileWanted()
    signal chosen(string path)
    signal removed()

    implicitHeight: column.implicitHeight + 2 * Theme.gap
    radius: Theme.radius
    color: Theme.surface
    border.width: 1
    border.color: problem.length > 0 ? Theme.danger : Theme.border
    Accessible.role: Accessible.Grouping
    Accessible.name: role + ": " + name

    ColumnLayout {
        id: column

        anchors { left: parent.left; right: parent.right; top: parent.top; margins: Theme.gap }
        spacing: 2

        SmallText {
            Layout.fillWidth: true
            text: root.role
        }
        Text {
            objectName: root.objectName + "Name"
            Layout.fillWidth: true
            text: root.name
            font.pixelSize: Theme.fontUi
            font.weight: Font.DemiBold
            color: Theme.text
            elide: Text.ElideRight
            horizontalAlignment: Text.AlignLeft
            textFormat: Text.PlainText
        }
        SmallText {
            Layout.fillWidth: true
            text: root.details
        }
        SmallText {
            Layout.fillWidth: true
            text: root.path
            wrapMode: Text.NoWrap
            elide: Text.ElideMiddle
        }
        StateLine {
            objectName: root.objectName + "Problem"
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapTiny
            visible: root.problem.length > 0
            text: root.problem
            iconName: "alert"
            color: Theme.danger
            fill: Theme.dangerSurface
        }
        Flow {
            Layout.fillWidth: true
            Layout.topMargin: Theme.gapSmall
            spacing: Theme.gapSmall

            AppButton {
                objectName: root.objectName + "FileButton"
                implicitHeight: Theme.controlHeight - 4
                text: qsTr("Choose a file\u2026")
                Accessible.name: qsTr("%1: choose a file").arg(root.role)
                onClicked: root.fileWanted()
            }
            AppButton {
                visible: root.recent.length > 0
                implicitHeight: Theme.controlHeight - 4
                text: qsTr("Recent")
                Accessible.name: qsTr("%1: recently used").arg(root.role)
                onClicked: menu.popup(this, 0, height)

                AppMenu {
                    id: menu
                    implicitWidth: 300
                    Instantiator {
                        model: root.recent
                        delegate: MenuEntry {
                            required property var modelData
                            text: modelData.name
                            onTriggered: root.chosen(modelData.path)
                        }
                        onObjectAdded: (index, entry) => menu.insertItem(index, entry)
                        onObjectRemoved: (index, entry) => menu.removeItem(entry)
                    }
                }
            }
            AppButton {
                objectName: root.objectName + "RemoveButton"
                visible: root.removable
                implicitHeight: Theme.controlHeight - 4
                text: qsTr("No draft")
                onClicked: root.removed()
            }
        }
    }
}

import QtQuick
import QtQuick.Layouts
import Fovea

// The alignment of the loaded pair: which layers of the draft stand for which of the verifier.
ColumnLayout {
    id: root

    required property AlignmentViewModel alignment
    readonly property bool found: alignment.verifierLayers > 0
    readonly property bool computing: alignment.state === AlignmentViewModel.Computing

    Layout.fillHeight: false
    spacing: Theme.gapSmall

    Component.onCompleted: alignment.search()
    Connections {
        target: root.alignment
        function onChanged() { root.alignment.search() }
    }

    SectionHeading {
        Layout.fillWidth: true
        text: qsTr("Alignment of the pair")
        resettable: false
    }
    SmallText {
        Layout.fillWidth: true
        text: {
            switch (root.alignment.state) {
            case AlignmentViewModel.NoPair: return qsTr("No draft is loaded.")
            case AlignmentViewModel.Searching: return qsTr("Looking for it\u2026")
            case AlignmentViewModel.Missing:
                return qsTr("This pair was not aligned yet. The first question in mode Sparse or Exact does it, or you do it now.")
            default: return qsTr("Which layers of the draft look where the verifier's layers look.")
            }
        }
    }
    RowLayout {
        Layout.fillWidth: true
        visible: root.found
        spacing: Theme.gapSmall

        SmallText {
            id: rowAxis
            Layout.preferredWidth: Theme.fontSmall * 2
            Layout.fillHeight: true
            verticalAlignment: Text.AlignVCenter
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.NoWrap
            text: qsTr("Verifier")
            rotation: -90
        }
        AlignmentMap {
            id: map

            objectName: "alignmentMap"
            Layout.fillWidth: true
            implicitHeight: Math.min(360, Math.max(120, root.alignment.verifierLayers * 12))
            verifierLayers: root.alignment.verifierLayers
            draftLayers: root.alignment.draftLayers
            strengths: root.alignment.strengths
            path: root.alignment.path
            emptyColor: Theme.surface
            strongColor: Theme.accent
            lineColor: Theme.border
            pathColor: Theme.spot
            Accessible.role: Accessible.Graphic
            Accessible.name: qsTr("Map of %1 verifier layers against %2 draft layers")
                                 .arg(root.alignment.verifierLayers).arg(root.alignment.draftLayers)

            HoverHandler { id: hover }
            AppToolTip {
                readonly property point cell: hover.hovered ? map.cellAt(hover.point.position) : Qt.point(-1, -1)
                visible: hover.hovered && text.length > 0
                delay: 0
                x: Math.max(0, Math.min(hover.point.position.x + 12, map.width - width))
                y: hover.point.position.y + 16
                text: root.alignment.describe(cell.y, cell.x)
            }
        }
    }
    SmallText {
        Layout.fillWidth: true
        visible: root.found
        horizontalAlignment: Text.AlignHCenter
        text: qsTr("Draft layer \u2192")
    }
    Flow {
        Layout.fillWidth: true
        visible: root.found
        spacing: Theme.gapLarge

        Row {
            spacing: Theme.gapTiny + 2
            Rectangle { width: 12; height: 12; radius: 2; color: Theme.accent; anchors.verticalCenter: parent.verticalCenter }
            SmallText { text: qsTr("Head map: part of the layer's heads") }
        }
        Row {
            spacing: Theme.gapTiny + 2
            Rectangle { width: 12; height: 12; radius: 6; color: "transparent"; border.width: 2; border.color: Theme.spot; anchors.verticalCenter: parent.verticalCenter }
            SmallText { text: qsTr("Layer path") }
        }
    }
    SmallText {
        Layout.fillWidth: true
        visible: root.found
        text: root.alignment.madeText
    }
    SmallText {
        objectName: "alignmentKept"
        Layout.fillWidth: true
        visible: root.found
        wrapMode: Text.WrapAnywhere
        text: root.alignment.keptText
    }
    StateLine {
        Layout.fillWidth: true
        visible: root.alignment.error.length > 0
        text: root.alignment.error
        iconName: "alert"
        color: Theme.danger
        fill: Theme.dangerSurface
    }
    ProgressLine {
        Layout.fillWidth: true
        visible: root.computing
        progress: root.alignment.progress
        text: qsTr("Aligning, %1%").arg(Math.round(root.alignment.progress * 100))
    }
    AppButton {
        objectName: "alignButton"
        visible: root.computing || root.found || root.alignment.state === AlignmentViewModel.Missing
        text: root.computing ? qsTr("Stop") : root.found ? qsTr("Compute it again") : qsTr("Align now")
        onClicked: root.computing ? root.alignment.cancel() : root.alignment.recompute()
    }
}

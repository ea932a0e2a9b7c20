import QtQuick
import Fovea

// An answer: its Markdown as blocks one below the other. Finished blocks stay as they are while the last one grows.
Column {
    id: root

    property alias source: blocks.source
    readonly property bool empty: repeater.count === 0

    function append(piece) { blocks.append(piece) }
    /// What can be read, without its marks.
    function plainText() {
        let lines = []
        for (let row = 0; row < repeater.count; ++row)
            lines.push(repeater.itemAt(row).plainText())
        return lines.join("\n")
    }

    spacing: Theme.gap

    MarkdownModel { id: blocks }

    Repeater {
        id: repeater

        model: blocks
        delegate: Loader {
            id: block

            required property int index
            required property int kind
            required property string content
            required property string language

            function plainText() { return item.plainText() }

            width: root.width
            sourceComponent: kind === MarkdownModel.Code ? code : kind === MarkdownModel.Rule ? rule
                           : kind === MarkdownModel.Quote ? quote : prose

            Component {
                id: prose
                ProseBlock {
                    html: block.content
                    topPadding: block.kind === MarkdownModel.Heading && block.index > 0 ? Theme.gapSmall : 0
                }
            }
            Component {
                id: quote
                ProseBlock {
                    html: block.content
                    color: Theme.textMuted
                    leftPadding: Theme.gapLarge

                    Rectangle {
                        width: 3
                        height: parent.height
                        radius: 1.5
                        color: Theme.borderStrong
                    }
                }
            }
            Component {
                id: code
                CodeBlock {
                    code: block.content
                    language: block.language
                }
            }
            Component {
                id: rule
                Item {
                    function plainText() { return "" }

                    implicitHeight: Theme.gap
                    Rectangle {
                        anchors.verticalCenter: parent.verticalCenter
                        width: parent.width
                        height: 1
                        color: Theme.border
                    }
                }
            }
        }
    }
}

pragma Singleton
import QtQuick

// Colours, type scale, spacing and radii of the window, for light and dark. Main binds `dark` and `systemFontPixels`;
// every other file only reads. Text colours reach a contrast of 4.5:1 on each background they are used on.
QtObject {
    property bool dark: false
    property int systemFontPixels: 13

    // Backgrounds, from the furthest to the nearest.
    readonly property color sidebar: dark ? "#1a1d21" : "#f2f0ea"
    readonly property color window: dark ? "#141619" : "#fcfbf8"
    readonly property color surface: dark ? "#1f2328" : "#ffffff"
    readonly property color raised: dark ? "#282d33" : "#ffffff"
    readonly property color hover: dark ? "#14ffffff" : "#0f1e1c19"
    readonly property color pressed: dark ? "#24ffffff" : "#1f1e1c19"
    readonly property color selected: dark ? "#2b3138" : "#e4e0d5"
    readonly property color border: dark ? "#2e343b" : "#e4e0d6"
    readonly property color borderStrong: dark ? "#4a525b" : "#c6c0b2"

    readonly property color text: dark ? "#eceae6" : "#1e1c19"
    readonly property color textMuted: dark ? "#a9afb5" : "#625d54"
    readonly property color accent: dark ? "#57c7bc" : "#0b6e69"
    readonly property color accentHover: dark ? "#6fd3c9" : "#095c58"
    readonly property color accentPressed: dark ? "#48b0a6" : "#074a47"
    readonly property color accentText: dark ? "#06211f" : "#ffffff"
    readonly property color bubble: dark ? "#1d3533" : "#e0efec"
    readonly property color spot: dark ? "#f4b63f" : "#c98a0c"

    readonly property color danger: dark ? "#ff9a8f" : "#a8231b"
    readonly property color dangerSurface: dark ? "#351f1f" : "#fcebe9"
    readonly property color warning: dark ? "#f0c468" : "#7a5200"
    readonly property color warningSurface: dark ? "#322a18" : "#fdf3d8"
    readonly property color success: dark ? "#57c7bc" : "#0b6e69"

    readonly property color selectionBackground: dark ? "#2f6f69" : "#a9d9d3"
    readonly property color codeSurface: dark ? "#1a1d21" : "#f5f3ed"
    // Code by kind of element, in source-highlight's words; what is not named here has the colour of text.
    readonly property var codeColors: {
        const keyword = dark ? "#8fb8ff" : "#2a4d9b"
        const type = dark ? "#57c7bc" : "#0b6e69"
        const string = dark ? "#b9d67a" : "#4f6a0a"
        const comment = dark ? "#9299a1" : "#6b665c"
        const number = dark ? "#f0b07a" : "#95470a"
        const name = dark ? "#d3b1f5" : "#6d3aa0"
        return {
            "keyword": keyword, "preproc": keyword, "type": type, "usertype": type, "classname": type,
            "string": string, "regexp": string, "specialchar": string, "url": string, "path": string,
            "comment": comment, "todo": comment, "number": number, "value": number, "date": number,
            "function": name, "predef_func": name, "predef_var": name, "variable": name, "property": name,
            "selector": name, "label": name, "newfile": string, "oldfile": number, "difflines": keyword
        }
    }
    readonly property string codeFamily: "monospace"

    // What stands before the HTML of an answer.
    readonly property string proseStyle: {
        const heading = size => "font-size:" + size + "px;font-weight:600;margin-top:0px;margin-bottom:0px}"
        return "<style>p{margin-top:0px;margin-bottom:0px;line-height:135%}p.next{margin-top:" + gapSmall + "px}"
             + "li{line-height:135%}ul,ol{margin-top:0px;margin-bottom:0px}"
             + "h1{" + heading(fontBody + 7) + "h2{" + heading(fontBody + 4) + "h3{" + heading(fontBody + 2)
             + "h4,h5,h6{" + heading(fontBody)
             + "a{color:" + accent + "}code{font-family:" + codeFamily + ";background-color:" + codeSurface + "}"
             + "table{border-collapse:collapse;border-color:" + border + "}"
             + "</style>"
    }

    readonly property color scrim: dark ? "#99000000" : "#661e1c19"
    readonly property color found: dark ? "#33f4b63f" : "#33c98a0c"
    readonly property color toast: dark ? "#343b43" : "#2a2825"
    readonly property color toastText: "#f6f4ef"
    readonly property color toastAccent: "#6fd3c9"

    // Type: the system's interface font is the base, whatever its size.
    readonly property int fontSmall: Math.max(11, systemFontPixels - 1)
    readonly property int fontUi: Math.max(13, systemFontPixels)
    readonly property int fontBody: fontUi + 2
    readonly property int fontTitle: fontUi + 2
    readonly property int fontDisplay: fontUi * 2
    readonly property real bodyLineHeight: 1.35

    // Spacing: multiples of four.
    readonly property int gapTiny: 4
    readonly property int gapSmall: 8
    readonly property int gap: 12
    readonly property int gapLarge: 16
    readonly property int gapHuge: 24

    readonly property int radiusSmall: 6
    readonly property int radius: 10
    readonly property int radiusLarge: 16

    readonly property int controlHeight: Math.round(fontUi * 1.4) + 14
    readonly property int columnWidth: 760     // a line that reads well
    readonly property int sidebarWidth: 272
    readonly property int narrowWidth: 720     // below it the list of chats slides over the chat
    readonly property int animation: 140       // milliseconds

    function icon(name, color) {
        return "image://fovea/" + name + "/" + color.toString().slice(-6)
    }
}

pragma Singleton
import QtQuick

// Colours, type scale, spacing and radii of the window, for light, dark and
// high contrast of both kinds. Main binds `dark`, `highContrast` and `systemFontPixels`;
// every other file only reads. Text colours reach a contrast of 4.5:1 on each background they are used on.
QtObject {
    property bool dark: false
    property bool highContrast: false
    property int systemFontPixels: 13

    // Backgrounds, from the furthest to the nearest.
    readonly property color sidebar: pick("#f2f0ea", "#1a1d21", "#ffffff", "#000000")
    readonly property color window: pick("#fcfbf8", "#141619", "#ffffff", "#000000")
    readonly property color surface: pick("#ffffff", "#1f2328", "#ffffff", "#000000")
    readonly property color raised: pick("#ffffff", "#282d33", "#ffffff", "#000000")
    readonly property color hover: pick("#0f1e1c19", "#14ffffff", "#26000000", "#40ffffff")
    readonly property color pressed: pick("#1f1e1c19", "#24ffffff", "#40000000", "#66ffffff")
    readonly property color selected: pick("#e4e0d5", "#2b3138", "#d9d9d9", "#333333")
    readonly property color border: pick("#e4e0d6", "#2e343b", "#000000", "#ffffff")
    readonly property color borderStrong: pick("#c6c0b2", "#4a525b", "#000000", "#ffffff")
    // What bars and sliders fill: it must not drown their colours.
    readonly property color track: pick("#d6d1c4", "#3a4149", "#d0d0d0", "#4d4d4d")

    readonly property color text: pick("#1e1c19", "#eceae6", "#000000", "#ffffff")
    readonly property color textMuted: pick("#625d54", "#a9afb5", "#000000", "#ffffff")
    readonly property color accent: pick("#0b6e69", "#57c7bc", "#00315f", "#ffe14d")
    readonly property color accentHover: pick("#095c58", "#6fd3c9", "#00203f", "#fff09a")
    readonly property color accentPressed: pick("#074a47", "#48b0a6", "#001429", "#d9bb1f")
    readonly property color accentText: pick("#ffffff", "#06211f", "#ffffff", "#000000")
    readonly property color bubble: pick("#e0efec", "#1d3533", "#e0e8f0", "#262626")
    readonly property color spot: pick("#c98a0c", "#f4b63f", "#b34700", "#ff9d3b")

    readonly property color danger: pick("#a8231b", "#ff9a8f", "#8f0000", "#ff9a9a")
    readonly property color dangerSurface: pick("#fcebe9", "#351f1f", "#ffffff", "#000000")
    readonly property color warning: pick("#7a5200", "#f0c468", "#5c3d00", "#ffd466")
    readonly property color warningSurface: pick("#fdf3d8", "#322a18", "#ffffff", "#000000")
    readonly property color success: pick("#0b6e69", "#57c7bc", "#00532a", "#7dffb0")

    readonly property color selectionBackground: pick("#a9d9d3", "#2f6f69", "#b3d4ff", "#7a6a00")
    readonly property color codeSurface: pick("#f5f3ed", "#1a1d21", "#ffffff", "#000000")
    // Code by kind of element, in source-highlight's words; what is not named here has the colour of text.
    readonly property var codeColors: {
        const keyword = pick("#2a4d9b", "#8fb8ff", "#2a4d9b", "#8fb8ff")
        const type = pick("#0b6e69", "#57c7bc", "#0b6e69", "#57c7bc")
        const string = pick("#4f6a0a", "#b9d67a", "#4f6a0a", "#b9d67a")
        const comment = pick("#6b665c", "#9299a1", "#6b665c", "#9299a1")
        const number = pick("#95470a", "#f0b07a", "#95470a", "#f0b07a")
        const name = pick("#6d3aa0", "#d3b1f5", "#6d3aa0", "#d3b1f5")
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

    readonly property color found: pick("#33c98a0c", "#33f4b63f", "#66ffcc00", "#667a6a00")
    readonly property color scrim: pick("#66000000", "#99000000", "#b3000000", "#b3000000")
    readonly property color toast: pick("#2a2825", "#343b43", "#000000", "#000000")
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
    readonly property int panelWidth: Math.round(fontUi * 30)
    readonly property int narrowWidth: 720     // below it the list of chats slides over the chat
    readonly property int animation: 140       // milliseconds

    // The ends and quarters of the heatmap's colours, as ui/colour_map.cpp mixes them.
    function heat(value) {
        const viridis = ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"]
        const at = Math.round(value * 4)
        return viridis[at]
    }
    function pick(light, darkColor, contrastLight, contrastDark) {
        return highContrast ? (dark ? contrastDark : contrastLight) : (dark ? darkColor : light)
    }
    function icon(name, color) {
        return "image://fovea/" + name + "/" + color.toString().slice(-6)
    }
}

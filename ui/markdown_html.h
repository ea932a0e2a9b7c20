// Markdown as the HTML that Qt's text documents understand. What a model writes is not trusted: its own HTML
// is shown as the characters it is made of, no picture is fetched, and links go to web and mail addresses
// only. Pure function; any thread.
#pragma once

#include <QString>

namespace fovea::ui {

/// Without <html> and <body>: a view puts its own style before it. Line breaks stay, as people expect of a
/// chat.
[[nodiscard]] QString markdownToHtml(const QString& markdown);

}  // namespace fovea::ui

// The terminal's side of things: whether there is one, a progress line on stderr that vanishes when it is
// done, and text made safe to show. Used on the main thread.
#pragma once

#include <string>
#include <string_view>

namespace fovea::app::cli {

[[nodiscard]] bool stdinIsTerminal();
[[nodiscard]] bool stdoutIsTerminal();
[[nodiscard]] bool stderrIsTerminal();

/// `text` dimmed where stdout is a terminal that shows colours (NO_COLOR is honoured), else unchanged.
[[nodiscard]] std::string dimmed(const std::string& text);

/// `text` without control characters other than line breaks and tabs: a model must not steer the user's
/// terminal.
[[nodiscard]] std::string withoutControls(std::string_view text);

/// Writes to stdout at once, so that tokens appear as they come. False when nobody reads any more.
bool writeOut(std::string_view text);

/// One line on stderr that overwrites itself; silent where stderr is not a terminal.
class ProgressLine {
 public:
  ProgressLine() = default;
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const std::string& text);
  /// "Reading the prompt  42%", drawn again only when the whole per cent changes.
  void show(std::string_view what, double fraction);
  void clear();

 private:
  std::string m_shown;
};

}  // namespace fovea::app::cli

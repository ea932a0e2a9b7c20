#include "app/cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace fovea::app::cli {

bool stdinIsTerminal() {
  return isatty(STDIN_FILENO) == 1;
}
bool stdoutIsTerminal() {
  return isatty(STDOUT_FILENO) == 1;
}
bool stderrIsTerminal() {
  return isatty(STDERR_FILENO) == 1;
}

std::string dimmed(const std::string& text) {
  const char* terminal = std::getenv("TERM");
  const bool plain =
      std::getenv("NO_COLOR") != nullptr || terminal == nullptr || std::string_view(terminal) == "dumb";
  if (plain || !stdoutIsTerminal()) return text;
  return "\x1b[2m" + text + "\x1b[0m";
}

std::string withoutControls(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t index = 0; index < text.size(); ++index) {
    const auto byte = static_cast<unsigned char>(text[index]);
    // U+0080 .. U+009F are the second set of control characters; in UTF-8 they begin with C2.
    const bool secondSet =
        byte == 0xC2 && index + 1 < text.size() && static_cast<unsigned char>(text[index + 1]) < 0xA0;
    if (secondSet) {
      ++index;
    } else if ((byte >= 0x20 && byte != 0x7F) || byte == '\n' || byte == '\t') {
      safe += text[index];
    }
  }
  return safe;
}

bool writeOut(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

void ProgressLine::show(const std::string& text) {
  if (text == m_shown || !stderrIsTerminal()) return;
  std::fprintf(stderr, "\r%s\x1b[K", text.c_str());
  m_shown = text;
}

void ProgressLine::show(std::string_view what, double fraction) {
  const int percent = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 100.0);
  show(std::string(what) + "  " + std::to_string(percent) + "%");
}

void ProgressLine::clear() {
  if (m_shown.empty()) return;
  std::fputs("\r\x1b[K", stderr);
  m_shown.clear();
}

}  // namespace fovea::app::cli

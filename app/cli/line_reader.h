// Reads lines from standard input, waking up for Ctrl-C. The terminal itself edits the line (backspace,
// Ctrl-U, Ctrl-D), so no line-editing library is needed; `rlwrap fovea-cli chat` adds a history for those who
// want one.
#pragma once

#include <string>

#include "app/cli/interrupt.h"

namespace fovea::app::cli {

class LineReader {
 public:
  enum class Outcome { kLine, kEnd, kInterrupted };

  LineReader(int descriptor, Interrupt& interrupt) : m_descriptor(descriptor), m_interrupt(interrupt) {}

  /// The next line without its end. A last line without an end counts. Blocks.
  Outcome read(std::string& line);

 private:
  static constexpr std::size_t kLineBytesMax = std::size_t{4} << 20U;

  bool takeBufferedLine(std::string& line);

  int m_descriptor;
  Interrupt& m_interrupt;
  std::string m_buffer;
};

}  // namespace fovea::app::cli

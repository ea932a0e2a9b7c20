#include "app/cli/line_reader.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace fovea::app::cli {

bool LineReader::takeBufferedLine(std::string& line) {
  const auto end = m_buffer.find('\n');
  if (end == std::string::npos && m_buffer.size() < kLineBytesMax) return false;
  line = m_buffer.substr(0, end);
  m_buffer.erase(0, end == std::string::npos ? std::string::npos : end + 1);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return true;
}

LineReader::Outcome LineReader::read(std::string& line) {
  while (!takeBufferedLine(line)) {
    std::array<pollfd, 2> waiting{{{m_descriptor, POLLIN, 0}, {m_interrupt.pendingDescriptor(), POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return Outcome::kEnd;
    }
    if ((waiting[1].revents & POLLIN) != 0) {
      m_interrupt.takePending();
      m_buffer.clear();  // the terminal drops the half-typed line, and so do we
      return Outcome::kInterrupted;
    }
    std::array<char, 4096> bytes{};
    const auto count = ::read(m_descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      line = std::exchange(m_buffer, {});
      return line.empty() ? Outcome::kEnd : Outcome::kLine;
    }
    m_buffer.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return Outcome::kLine;
}

}  // namespace fovea::app::cli

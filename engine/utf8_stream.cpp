#include "engine/tokenizer.h"
#include "engine/utf8.h"

namespace fovea {

std::string Utf8Stream::push(std::string_view bytes) {
  m_pending += bytes;
  std::string released;
  std::string_view rest = m_pending;
  while (!rest.empty()) {
    const Utf8Step step = next_utf8(rest);
    if (step.kind == Utf8Step::Kind::kIncomplete) break;
    released += step.kind == Utf8Step::Kind::kCharacter ? rest.substr(0, step.bytes) : kReplacementCharacter;
    rest.remove_prefix(step.bytes);
  }
  m_pending.erase(0, m_pending.size() - rest.size());
  return released;
}

std::string Utf8Stream::finish() {
  // Whatever is pending is one cut sequence: push has consumed everything else.
  std::string released(m_pending.empty() ? std::string_view() : kReplacementCharacter);
  m_pending.clear();
  return released;
}

}  // namespace fovea

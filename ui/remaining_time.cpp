#include "ui/remaining_time.h"

namespace fovea::ui {

void RemainingTime::add(double seconds, double done, double total) {
  // What was there before the first call took no time: a prompt's beginning may lie in the cache.
  if (!m_first) m_first = Mark{seconds, done};
  m_last = {seconds, done};
  m_total = total;
}

std::optional<double> RemainingTime::seconds() const {
  if (!m_first) return std::nullopt;
  const double spent = m_last.seconds - m_first->seconds;
  const double progress = m_last.done - m_first->done;
  if (spent < kLeastSeconds || progress <= 0) return std::nullopt;
  return spent * (m_total - m_last.done) / progress;
}

}  // namespace fovea::ui

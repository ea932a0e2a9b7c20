#include "app/records.h"

#include <QRandomGenerator>
#include <algorithm>
#include <atomic>

namespace fovea::app {
namespace {

// 42 bits of milliseconds (until the year 2109) and 11 below: together 53, what a JavaScript number holds
// exactly.
constexpr int kLowBits = 11;
constexpr int kRandomBits = 7;  // of those; the rest counts the ids of one millisecond

}  // namespace

RecordId newId() {
  static std::atomic<RecordId> last{0};
  const RecordId random = QRandomGenerator::global()->bounded(1 << kRandomBits);
  const RecordId now = QDateTime::currentMSecsSinceEpoch() << (kLowBits - kRandomBits);
  RecordId previous = last.load(std::memory_order_relaxed);
  RecordId tick = 0;
  do {
    // A full millisecond, or a clock that was set back, borrows from the time to come.
    tick = std::max(now, previous + 1);
  } while (!last.compare_exchange_weak(previous, tick, std::memory_order_relaxed));
  return (tick << kRandomBits) | random;
}

}  // namespace fovea::app

// An estimate of how long counted work will take, from how fast it went so far. A value; no clock of its own.
#pragma once

#include <optional>

namespace fovea::ui {

class RemainingTime {
 public:
  /// `seconds` since the work began, of which `done` of `total` is over. Calls in the order of time.
  void add(double seconds, double done, double total);
  /// None before the work has shown its speed: less than kLeastSeconds, or nothing done since the first call.
  [[nodiscard]] std::optional<double> seconds() const;

  static constexpr double kLeastSeconds = 1;

 private:
  struct Mark {
    double seconds = 0;
    double done = 0;
  };
  std::optional<Mark> m_first;
  Mark m_last;
  double m_total = 0;
};

}  // namespace fovea::ui

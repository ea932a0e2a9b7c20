#include <algorithm>
#include <cmath>
#include <functional>

#include "kernels/reference/reference.h"

namespace fovea::kernels::reference {
namespace {

// A. Neumaier's compensated sum: right to the last bit, or nearly, whatever is added in whatever order.
class Sum {
 public:
  void add(double x) {
    const double sum = m_sum + x;
    m_error += std::abs(m_sum) >= std::abs(x) ? (m_sum - sum) + x : (x - sum) + m_sum;
    m_sum = sum;
  }
  [[nodiscard]] double value() const { return m_sum + m_error; }

 private:
  double m_sum = 0;
  double m_error = 0;
};

}  // namespace

TopP top_p(const float* weights, std::size_t n, float p, float* sorted) {
  TopP result;
  Sum total;
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(weights[i]) || weights[i] < 0) return {0, 0, 0, false};
    sorted[i] = weights[i];
    total.add(static_cast<double>(weights[i]));
  }
  result.total = total.value();
  if (p <= 0) return result;
  std::sort(sorted, sorted + n, std::greater<>());
  Sum kept;
  while (result.count < n && sorted[result.count] > 0) {
    if (p < 1 && kept.value() >= static_cast<double>(p) * result.total) break;
    kept.add(static_cast<double>(sorted[result.count++]));
  }
  result.kept = kept.value();
  return result;
}

}  // namespace fovea::kernels::reference

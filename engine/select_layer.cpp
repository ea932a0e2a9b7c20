#include "engine/select_layer.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "kernels/cpu/attention_mass.h"
#include "kernels/cpu/top_p.h"

namespace fovea {
namespace {

namespace cpu = kernels::cpu;

// Sinks, the middle that is chosen from, window.
struct Ranges {
  std::size_t sinks;
  std::size_t middle;
  std::size_t window;

  explicit Ranges(const SelectCall& call)
      : sinks(std::min(call.sinks, call.positions)),
        middle(call.positions - sinks - std::min(call.window, call.positions - sinks)),
        window(call.positions - sinks - middle) {}
};

void estimate_row(float* out, const SelectCall& call, std::size_t layer, std::size_t row) {
  cpu::weighted_sum(out, call.weights + layer * call.sources,
                    call.mass + row * call.sources * call.mass_stride, call.mass_stride, call.sources,
                    call.positions);
}

// estimate = mean over the rows (their maximum where that is asked for).
void estimate_rows(float* estimate, float* scratch, const SelectCall& call, std::size_t layer) {
  const std::size_t n = call.positions;
  const bool maximum = call.combination == RowCombination::kMax;
  estimate_row(estimate, call, layer, 0);
  for (std::size_t row = 1; row < call.rows; ++row) {
    estimate_row(scratch, call, layer, row);
    if (maximum) {
      std::transform(scratch, scratch + n, estimate, estimate,
                     [](float a, float b) { return std::max(a, b); });
    } else {
      std::transform(scratch, scratch + n, estimate, estimate, std::plus<>());
    }
  }
  if (call.rows == 1 || maximum) return;
  const float share = 1.0F / static_cast<float>(call.rows);
  std::transform(estimate, estimate + n, estimate, [share](float w) { return w * share; });
}

// Every position counts as much as the largest of the `reach` before it.
void look_ahead(float* estimate, float* scratch, std::size_t reach, std::size_t n) {
  std::copy_n(estimate, n, scratch);
  for (std::size_t j = 1; j <= std::min(reach, n); ++j) {
    std::transform(scratch, scratch + (n - j), estimate + j, estimate + j,
                   [](float before, float own) { return std::max(before, own); });
  }
}

void weigh(float* weight, const float* estimate, const SelectCall& call, std::size_t layer) {
  const std::size_t n = call.positions;
  if (call.value_norms != nullptr) {
    std::transform(estimate, estimate + n, call.value_norms + layer * call.value_norm_stride, weight,
                   std::multiplies<>());
  } else if (weight != estimate) {
    std::copy_n(estimate, n, weight);
  }
  if (call.next_share == 0.0F) return;
  for (std::size_t p = 0; p + 1 < n; ++p) weight[p] += call.next_share * weight[p + 1];
}

// Positions of the middle, appended after the sinks. Where a weight makes no sense all of them.
cpu::TopPResult choose_middle(std::int32_t* chosen, const float* weight, const Ranges& ranges,
                              const SelectCall& call, std::size_t layer) {
  const auto search = call.search == ThresholdSearch::kBisection ? cpu::top_p_bisection : cpu::top_p;
  const auto first = static_cast<std::int32_t>(ranges.sinks);
  cpu::TopPResult found =
      search(chosen + ranges.sinks, weight + ranges.sinks, ranges.middle, call.p[layer], first);
  if (!found.valid) {
    std::iota(chosen + ranges.sinks, chosen + ranges.sinks + ranges.middle, first);
    found.count = ranges.middle;
  }
  return found;
}

// The union of each row's own choice.
cpu::TopPResult unite_rows(std::int32_t* chosen, float* scratch, const Ranges& ranges, const SelectCall& call,
                           std::size_t layer) {
  std::vector<bool> marks(call.positions, false);
  cpu::TopPResult united;
  for (std::size_t row = 0; row < call.rows; ++row) {
    estimate_row(scratch, call, layer, row);
    weigh(scratch, scratch, call, layer);
    const cpu::TopPResult found = choose_middle(chosen, scratch, ranges, call, layer);
    united.valid = united.valid && found.valid;
    for (std::size_t i = 0; i < found.count; ++i) {
      marks[static_cast<std::size_t>(chosen[ranges.sinks + i])] = true;
    }
  }
  for (std::size_t position = ranges.sinks; position < ranges.sinks + ranges.middle; ++position) {
    if (marks[position]) chosen[ranges.sinks + united.count++] = static_cast<std::int32_t>(position);
  }
  return united;
}

}  // namespace

void select_layer(const SelectionLists& lists, const SelectCall& call, std::size_t layer) {
  std::int32_t* chosen = lists.positions + layer * lists.stride;
  float* estimate = lists.estimate + layer * 2 * lists.stride;
  float* scratch = estimate + lists.stride;
  const Ranges ranges(call);
  estimate_rows(estimate, scratch, call, layer);
  if (call.reach > 0) look_ahead(estimate, scratch, call.reach, call.positions);
  cpu::TopPResult found;
  if (call.combination == RowCombination::kUnion) {
    found = unite_rows(chosen, scratch, ranges, call, layer);
  } else {
    weigh(scratch, estimate, call, layer);
    found = choose_middle(chosen, scratch, ranges, call, layer);
  }
  std::iota(chosen, chosen + ranges.sinks, 0);
  const std::size_t middle_end = ranges.sinks + found.count;
  std::iota(chosen + middle_end, chosen + middle_end + ranges.window,
            static_cast<std::int32_t>(call.positions - ranges.window));
  const std::size_t count = middle_end + ranges.window;
  double kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    kept += static_cast<double>(estimate[static_cast<std::size_t>(chosen[i])]);
  }
  std::iota(chosen + count, chosen + count + call.following, static_cast<std::int32_t>(call.positions));
  for (std::size_t i = 0; i <= call.following; ++i) {
    lists.counts[i * call.layers + layer] = static_cast<std::int32_t>(count + i);
  }
  lists.masses[layer] = {kept, std::accumulate(estimate, estimate + call.positions, 0.0),
                         found.valid ? 1 : 0};
}

}  // namespace fovea

#include "engine/layer_alignment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>

namespace fovea {
namespace {

/// sum a * b in double. Several sums in turn let the processor overlap, which one chain of additions forbids.
double dot(std::span<const float> a, std::span<const float> b) {
  constexpr std::size_t kSums = 8;
  std::array<double, kSums> sums{};
  const std::size_t whole = a.size() - (a.size() % kSums);
  for (std::size_t i = 0; i < whole; i += kSums) {
    for (std::size_t k = 0; k < kSums; ++k) sums[k] += double{a[i + k]} * double{b[i + k]};
  }
  for (std::size_t i = whole; i < a.size(); ++i) sums[i - whole] += double{a[i]} * double{b[i]};
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

std::optional<Error> mismatch(const AlignmentRows& verifier, const AlignmentRows& draft) {
  const auto invalid = [](std::string message) {
    return Error{ErrorCode::kInvalidArgument, std::move(message), ""};
  };
  if (verifier.rows() != draft.rows()) {
    return invalid("The verifier has " + std::to_string(verifier.rows()) + " attention rows, the draft " +
                   std::to_string(draft.rows()) + ".");
  }
  if (verifier.rows() == 0) return invalid("There are no attention rows to align by.");
  if (verifier.layers() * verifier.kv_heads() == 0 || draft.layers() * draft.kv_heads() == 0) {
    return invalid("A model without attention heads cannot be aligned.");
  }
  for (std::size_t row = 0; row < verifier.rows(); ++row) {
    if (verifier.length(row) != draft.length(row)) {
      return invalid("Attention row " + std::to_string(row) + " covers " +
                     std::to_string(verifier.length(row)) + " positions of the verifier and " +
                     std::to_string(draft.length(row)) + " of the draft.");
    }
  }
  return std::nullopt;
}

/// The mean over the KV heads of one row and layer, of positions [begin, begin + out.size()).
void average_heads(std::span<float> out, const AlignmentRows& rows, std::size_t row, std::size_t layer,
                   std::size_t begin) {
  std::fill(out.begin(), out.end(), 0.0F);
  for (std::size_t head = 0; head < rows.kv_heads(); ++head) {
    const auto head_row = rows.probabilities(row, layer, head).subspan(begin, out.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += head_row[i];
  }
  const float scale = 1.0F / static_cast<float>(rows.kv_heads());
  for (float& value : out) value *= scale;
}

AlignmentRows averaged(const AlignmentRows& rows) {
  AlignmentRows result(rows.layers(), 1);
  std::size_t positions = 0;
  for (std::size_t row = 0; row < rows.rows(); ++row) positions += rows.length(row);
  result.reserve(rows.rows(), positions);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    result.add_row(rows.length(row));
    for (std::size_t layer = 0; layer < rows.layers(); ++layer) {
      average_heads(result.probabilities(row, layer, 0), rows, row, layer, 0);
    }
  }
  return result;
}

void logarithms(std::span<float> out, std::span<const float> probabilities) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(std::log(double{probabilities[i]} + kAlignmentFloor));
  }
}

/// KL splits into the verifier's entropy, taken once, and a dot product with the draft's logarithms, which
/// are taken once for all heads of the verifier.
CostMatrix divergences(const AlignmentRows& verifier, const AlignmentRows& draft) {
  CostMatrix cost;
  cost.rows = verifier.layers() * verifier.kv_heads();
  cost.columns = draft.layers() * draft.kv_heads();
  cost.values.assign(cost.rows * cost.columns, 0.0);
  std::vector<float> draft_logarithms;  // [draft layer][KV head][length]
  std::vector<float> own_logarithms;    // [length]
  for (std::size_t row = 0; row < verifier.rows(); ++row) {
    const std::size_t length = verifier.length(row);
    draft_logarithms.resize(cost.columns * length);
    own_logarithms.resize(length);
    for (std::size_t i = 0; i < cost.columns; ++i) {
      logarithms(std::span(draft_logarithms).subspan(i * length, length),
                 draft.probabilities(row, i / draft.kv_heads(), i % draft.kv_heads()));
    }
    for (std::size_t j = 0; j < cost.rows; ++j) {
      const auto attention = verifier.probabilities(row, j / verifier.kv_heads(), j % verifier.kv_heads());
      logarithms(own_logarithms, attention);
      const double own = dot(attention, own_logarithms);
      for (std::size_t i = 0; i < cost.columns; ++i) {
        const auto other = std::span<const float>(draft_logarithms).subspan(i * length, length);
        cost.values[(j * cost.columns) + i] += own - dot(attention, other);
      }
    }
  }
  for (double& value : cost.values) value /= static_cast<double>(verifier.rows());
  return cost;
}

/// One layer of the verifier against all heads of the draft, over the positions that selection is about.
class MixtureFit {
 public:
  MixtureFit(const AlignmentRows& verifier, const AlignmentRows& draft, const MixtureOptions& options)
      : m_verifier(verifier), m_draft(draft), m_options(options), m_heads(draft.layers() * draft.kv_heads()) {
    const std::size_t always_read = options.sinks + options.window;
    for (std::size_t row = 0; row < verifier.rows(); ++row) {
      const std::size_t length = verifier.length(row);
      if (length > always_read) m_slices.push_back({row, m_positions, length - always_read});
      if (length > always_read) m_positions += length - always_read;
    }
    m_target.resize(m_positions);
    m_mix.resize(m_positions);
    m_mass.assign(m_heads, 0.0);
    for (const Slice& slice : m_slices) {
      for (std::size_t head = 0; head < m_heads; ++head) {
        for (const float value : component(slice, head)) m_mass[head] += double{value};
      }
    }
  }

  /// [draft layers * KV heads]
  std::vector<double> weights(std::size_t layer) {
    std::vector<double> uniform(m_heads, 1.0 / static_cast<double>(m_heads));
    double target_mass = 0;
    for (const Slice& slice : m_slices) {
      const auto target = std::span(m_target).subspan(slice.offset, slice.length);
      average_heads(target, m_verifier, slice.row, layer, m_options.sinks);
      for (const float value : target) target_mass += double{value};
    }
    if (!(target_mass > 0)) return uniform;

    std::vector<double> weights = uniform;
    for (std::size_t head = 0; head < m_heads; ++head) {
      if (!(m_mass[head] > 0)) weights[head] = 0;
    }
    double before = mix(weights);
    for (int iteration = 0; iteration < m_options.iterations_max; ++iteration) {
      update(weights);
      const double now = mix(weights);
      if (!(before - now > m_options.improvement_min * before)) break;
      before = now;
    }
    const bool any = std::any_of(weights.begin(), weights.end(), [](double weight) { return weight > 0; });
    return any ? weights : uniform;
  }

 private:
  struct Slice {
    std::size_t row = 0;
    std::size_t offset = 0;  // among all fitted positions
    std::size_t length = 0;
  };

  [[nodiscard]] std::span<const float> component(const Slice& slice, std::size_t head) const {
    return m_draft.probabilities(slice.row, head / m_draft.kv_heads(), head % m_draft.kv_heads())
        .subspan(m_options.sinks, slice.length);
  }

  /// Fills the mixture, floored, and returns the generalised divergence of the target from it.
  double mix(const std::vector<double>& weights) {
    std::fill(m_mix.begin(), m_mix.end(), 0.0F);
    for (const Slice& slice : m_slices) {
      const auto out = std::span(m_mix).subspan(slice.offset, slice.length);
      for (std::size_t head = 0; head < m_heads; ++head) {
        if (weights[head] == 0) continue;
        const auto values = component(slice, head);
        const auto weight = static_cast<float>(weights[head]);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] += weight * values[i];
      }
    }
    double divergence = 0;
    const auto floor = static_cast<float>(m_options.floor);
    for (std::size_t i = 0; i < m_positions; ++i) {
      m_mix[i] = std::max(m_mix[i], floor);
      const float target = m_target[i];
      divergence += double{m_mix[i]} - double{target};
      if (target > 0) divergence += double{target} * double{std::log(target / m_mix[i])};
    }
    return divergence;
  }

  /// One multiplicative step from the mixture that mix() left; spoils it.
  void update(std::vector<double>& weights) {
    for (std::size_t i = 0; i < m_positions; ++i) m_mix[i] = m_target[i] / m_mix[i];
    for (std::size_t head = 0; head < m_heads; ++head) {
      if (weights[head] == 0) continue;
      double sum = 0;
      for (const Slice& slice : m_slices) {
        sum += dot(component(slice, head), std::span(m_mix).subspan(slice.offset, slice.length));
      }
      weights[head] *= sum / m_mass[head];
    }
  }

  const AlignmentRows& m_verifier;
  const AlignmentRows& m_draft;
  const MixtureOptions m_options;
  const std::size_t m_heads;
  std::size_t m_positions = 0;
  std::vector<Slice> m_slices;
  std::vector<float> m_target;  // [positions]
  std::vector<float> m_mix;     // [positions]
  std::vector<double> m_mass;   // [heads]: sum of each component
};

}  // namespace

void AlignmentRows::reserve(std::size_t rows, std::size_t positions) {
  m_rows.reserve(rows);
  m_values.reserve(positions * m_layers * m_kv_heads);
}

std::size_t AlignmentRows::add_row(std::size_t length) {
  m_rows.push_back({m_values.size(), length});
  m_values.resize(m_values.size() + (m_layers * m_kv_heads * length));
  return m_rows.size() - 1;
}

std::span<float> AlignmentRows::probabilities(std::size_t row, std::size_t layer, std::size_t kv_head) {
  const Row& place = m_rows[row];
  return std::span(m_values).subspan(place.offset + (((layer * m_kv_heads) + kv_head) * place.length),
                                     place.length);
}

std::span<const float> AlignmentRows::probabilities(std::size_t row, std::size_t layer,
                                                    std::size_t kv_head) const {
  const Row& place = m_rows[row];
  return std::span(m_values).subspan(place.offset + (((layer * m_kv_heads) + kv_head) * place.length),
                                     place.length);
}

Result<CostMatrix> layer_cost(const AlignmentRows& verifier, const AlignmentRows& draft) {
  if (auto error = mismatch(verifier, draft)) return *std::move(error);
  return divergences(averaged(verifier), averaged(draft));
}

Result<CostMatrix> head_cost(const AlignmentRows& verifier, const AlignmentRows& draft) {
  if (auto error = mismatch(verifier, draft)) return *std::move(error);
  return divergences(verifier, draft);
}

std::vector<int> monotone_map(const CostMatrix& cost) {
  if (cost.rows == 0 || cost.columns == 0) return {};
  // best[i]: the least cost of the layers so far with the last of them at draft layer i. The layer before it
  // stood at the lowest of the cheapest draft layers up to i, which `came_from` keeps.
  std::vector<double> best(cost.columns, 0.0);
  std::vector<std::size_t> came_from(cost.rows * cost.columns, 0);
  for (std::size_t j = 0; j < cost.rows; ++j) {
    std::size_t cheapest = 0;
    double cheapest_cost = best[0];  // best[] is overwritten behind the walk
    for (std::size_t i = 0; i < cost.columns; ++i) {
      if (best[i] < cheapest_cost) {
        cheapest = i;
        cheapest_cost = best[i];
      }
      came_from[(j * cost.columns) + i] = cheapest;
      best[i] = cheapest_cost + cost.at(j, i);
    }
  }
  std::vector<int> map(cost.rows, 0);
  auto i = static_cast<std::size_t>(std::min_element(best.begin(), best.end()) - best.begin());
  for (std::size_t j = cost.rows; j-- > 0;) {
    map[j] = static_cast<int>(i);
    i = came_from[(j * cost.columns) + i];
  }
  return map;
}

std::vector<int> head_map(const CostMatrix& cost) {
  if (cost.rows == 0 || cost.columns == 0) return {};
  std::vector<int> map;
  map.reserve(cost.rows);
  for (std::size_t j = 0; j < cost.rows; ++j) {
    const auto row = std::span(cost.values).subspan(j * cost.columns, cost.columns);
    map.push_back(static_cast<int>(std::min_element(row.begin(), row.end()) - row.begin()));
  }
  return map;
}

std::vector<float> layer_map_mixture(std::span<const int> layer_map, std::size_t draft_layers,
                                     std::size_t draft_kv_heads) {
  const std::size_t heads = draft_layers * draft_kv_heads;
  std::vector<float> weights(layer_map.size() * heads, 0.0F);
  for (std::size_t j = 0; j < layer_map.size(); ++j) {
    const std::size_t first = (j * heads) + (static_cast<std::size_t>(layer_map[j]) * draft_kv_heads);
    std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(first), draft_kv_heads,
                1.0F / static_cast<float>(draft_kv_heads));
  }
  return weights;
}

std::vector<float> head_map_mixture(std::span<const int> head_map, std::size_t verifier_kv_heads,
                                    std::size_t draft_heads) {
  const std::size_t layers = head_map.size() / verifier_kv_heads;
  std::vector<float> weights(layers * draft_heads, 0.0F);
  for (std::size_t head = 0; head < layers * verifier_kv_heads; ++head) {
    const std::size_t layer = head / verifier_kv_heads;
    weights[(layer * draft_heads) + static_cast<std::size_t>(head_map[head])] +=
        1.0F / static_cast<float>(verifier_kv_heads);
  }
  return weights;
}

Result<std::vector<float>> fit_mixture(const AlignmentRows& verifier, const AlignmentRows& draft,
                                       const MixtureOptions& options) {
  if (auto error = mismatch(verifier, draft)) return *std::move(error);
  MixtureFit fit(verifier, draft, options);
  std::vector<float> weights;
  weights.reserve(verifier.layers() * draft.layers() * draft.kv_heads());
  for (std::size_t layer = 0; layer < verifier.layers(); ++layer) {
    for (const double weight : fit.weights(layer)) weights.push_back(static_cast<float>(weight));
  }
  return weights;
}

std::vector<float> layer_leniency(std::span<const float> sensitivity) {
  std::vector<float> leniency(sensitivity.size(), 1.0F);
  const double mean = std::accumulate(sensitivity.begin(), sensitivity.end(), 0.0) /
                      static_cast<double>(std::max<std::size_t>(sensitivity.size(), 1));
  if (!(mean > 0)) return leniency;
  double total = 0;
  for (std::size_t layer = 0; layer < leniency.size(); ++layer) {
    const double relative = std::max(static_cast<double>(sensitivity[layer]) / mean, 1.0 / 16);
    leniency[layer] = static_cast<float>(std::clamp(std::pow(relative, -0.25), 0.5, 2.0));
    total += static_cast<double>(leniency[layer]);
  }
  const double scale = static_cast<double>(leniency.size()) / total;
  for (float& value : leniency) value = static_cast<float>(static_cast<double>(value) * scale);
  return leniency;
}

}  // namespace fovea

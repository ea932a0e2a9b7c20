// Which attention rows of the draft stand for which layer of the verifier: costs, maps and weights, from
// attention rows that the caller collected from both models over the same tokens. Pure functions on plain
// values, no model access; any thread.
//
// The layer map is the paper's (SpecAttn, arXiv 2510.27641); the head map and the fitted mixture are ours.
// All three end as one matrix of weights, so that selection knows a single rule:
//   estimate_j(position) = sum_i weights[j][i] * draft_attention_i(position)
// with i = draft_layer * draft_kv_heads + draft_kv_head.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/result.h"

namespace fovea {

/// Attention rows of one model: for each row (one query position), layer and KV head the probabilities over
/// the positions that the query saw, averaged over the query heads of that KV head. Rows differ in length:
/// the query at position P saw P + 1 entries. One block of memory, 4 bytes an entry: 200 rows of 2,000
/// positions over 16 layers of 4 KV heads are 100 MB, so larger models bring fewer rows.
class AlignmentRows {
 public:
  AlignmentRows(std::size_t layers, std::size_t kv_heads) : m_layers(layers), m_kv_heads(kv_heads) {}

  /// Room for rows of `positions` entries in total, so that adding them never moves what is there.
  void reserve(std::size_t rows, std::size_t positions);
  /// Appends a row of zeros over `length` positions, to be filled through probabilities(); returns its index.
  std::size_t add_row(std::size_t length);

  [[nodiscard]] std::size_t rows() const { return m_rows.size(); }
  [[nodiscard]] std::size_t layers() const { return m_layers; }
  [[nodiscard]] std::size_t kv_heads() const { return m_kv_heads; }
  [[nodiscard]] std::size_t length(std::size_t row) const { return m_rows[row].length; }
  /// [length(row)]. Valid until the next add_row.
  [[nodiscard]] std::span<float> probabilities(std::size_t row, std::size_t layer, std::size_t kv_head);
  [[nodiscard]] std::span<const float> probabilities(std::size_t row, std::size_t layer,
                                                     std::size_t kv_head) const;

 private:
  struct Row {
    std::size_t offset = 0;
    std::size_t length = 0;
  };
  std::size_t m_layers;
  std::size_t m_kv_heads;
  std::vector<Row> m_rows;
  std::vector<float> m_values;  // [row][layer][kv_head][length(row)]
};

/// [rows][columns]: the verifier's layers or heads against the draft's.
struct CostMatrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;

  [[nodiscard]] double at(std::size_t row, std::size_t column) const {
    return values[(row * columns) + column];
  }
};

/// Added to both distributions inside the logarithm, against log 0.
inline constexpr double kAlignmentFloor = 1e-9;

/// [verifier layers][draft layers]: the mean over rows of KL(A_v || A_d) = sum A_v * (log(A_v + floor) -
/// log(A_d + floor)), in nats, A averaged over the KV heads. Fails with kInvalidArgument when there is no
/// row, or when the two models' rows differ in number or length.
Result<CostMatrix> layer_cost(const AlignmentRows& verifier, const AlignmentRows& draft);

/// [verifier layers * KV heads][draft layers * KV heads]: the same for each KV head by itself.
Result<CostMatrix> head_cost(const AlignmentRows& verifier, const AlignmentRows& draft);

/// The map f, [cost.rows], with f(j) <= f(j + 1) and the least summed cost; of several, the one with the
/// lowest draft layers everywhere. Empty when the matrix is.
[[nodiscard]] std::vector<int> monotone_map(const CostMatrix& cost);

/// The column of least cost in each row, [cost.rows]; of several, the lowest. Empty when the matrix is.
[[nodiscard]] std::vector<int> head_map(const CostMatrix& cost);

/// The layer map as weights [verifier layers][draft layers * KV heads]: the mean over the KV heads of the
/// mapped draft layer. `layer_map` is [verifier layers], each below `draft_layers`.
[[nodiscard]] std::vector<float> layer_map_mixture(std::span<const int> layer_map, std::size_t draft_layers,
                                                   std::size_t draft_kv_heads);

/// The head map, pooled, as weights [verifier layers][draft_heads]: the mean over the picks of a layer's KV
/// heads; a head that several of them pick counts as often. `head_map` is [verifier layers *
/// verifier_kv_heads], each below `draft_heads` (draft layers * KV heads).
[[nodiscard]] std::vector<float> head_map_mixture(std::span<const int> head_map,
                                                  std::size_t verifier_kv_heads, std::size_t draft_heads);

struct MixtureOptions {
  std::size_t sinks = 4;    // positions at the beginning of a row that are always read ...
  std::size_t window = 32;  // ... and at its end: selection, and so the fit, is about those between
  int iterations_max = 50;
  double improvement_min = 1e-6;  // stops when an iteration lowers the divergence by less than this part
  double floor = 1e-9;            // least value of the mixture where it divides
};

/// Non-negative weights [verifier layers][draft layers * KV heads] that minimise the generalised
/// Kullback-Leibler divergence sum(target * log(target / mix) - target + mix) between the verifier's
/// attention (averaged over its KV heads) and the mixture, over all rows and the positions [sinks, length -
/// window). Starts uniform and multiplies each weight by sum(c_i * target / mix) / sum(c_i), which never
/// raises the divergence (Lee and Seung, Algorithms for Non-negative Matrix Factorization, 2001; with fixed
/// components it is Richardson and Lucy's deconvolution). A layer without anything to fit (rows shorter than
/// sinks + window, or no mass there) keeps uniform weights; a component without mass there gets 0. Rows may
/// be means over several queries: only their lengths must agree. Fails as layer_cost does.
Result<std::vector<float>> fit_mixture(const AlignmentRows& verifier, const AlignmentRows& draft,
                                       const MixtureOptions& options = {});

/// How much of the attention left out each layer may lose, 1 on average, from what losing it does to the
/// output (sensitivity [layers], >= 0, of any scale): (sensitivity / mean)^-1/4, between 1/2 and 2, scaled to
/// a mean of 1. The exponent is a compromise: the sensitivities come from few rows, and a layer's loss grows
/// faster than what it leaves out. Empty for an empty input, all ones where nothing is sensitive.
[[nodiscard]] std::vector<float> layer_leniency(std::span<const float> sensitivity);

}  // namespace fovea

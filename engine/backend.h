// The operation table: everything the forward pass asks of a processor. The pass is written once, over this
// class (engine/llama); each backend implements it with its own kernels and owns its scratch memory, threads
// or streams. Pointers named `x`, `out`, `query` ... point to memory of the backend (from allocate()); host
// pointers say so. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/matrix.h"
#include "engine/options.h"
#include "engine/result.h"
#include "kernels/attention_types.h"

namespace fovea {

/// Memory of a backend, freed when it goes. Aligned to 64 bytes, content undefined. Must not outlive its
/// backend.
using Buffer = std::unique_ptr<std::byte[], void (*)(std::byte*)>;

/// The largest sizes a model will ask for, so that no step allocates.
struct BackendLimits {
  std::size_t rows = 0;     // tokens in one pass
  std::size_t columns = 0;  // widest input of a product
  std::size_t heads = 0;
  std::size_t kv_heads = 0;
  std::size_t head_dim = 0;
  std::size_t positions = 0;  // length of the KV cache
};

/// One product of a shared input: out[rows, weight.rows] = x[rows, weight.columns] * weight^T.
struct Projection {
  float* out = nullptr;
  const Matrix* weight = nullptr;
};

struct AttentionCall {
  const std::uint16_t* keys = nullptr;    // f16 [position][kv_head][head_dim]
  const std::uint16_t* values = nullptr;  // the same
  std::size_t heads = 0;
  std::size_t kv_heads = 0;
  std::size_t head_dim = 0;
  std::size_t first_position = 0;  // of row 0; row r sees entries 0 .. first_position + r
  // Of the entries before the pass only these are read; null: all.
  const kernels::AttentionSelection* selection = nullptr;
  const kernels::AttentionScores* scores = nullptr;  // where to leave the scores; null: nowhere
};

/// Which positions each verifier layer should read, judged by somebody else's attention. In row r position p
/// of layer l gets an estimated attention of sum over sources s of weights[l][s] * mass[r][s][p], and weighs
/// that, or that times value_norms[l][p]. The first `sinks` and the last `window` positions are always kept;
/// of the rest the smallest-threshold set that holds `p` of the rest's weight.
struct SelectCall {
  const float* mass = nullptr;  // [rows, sources, mass_stride]
  std::size_t mass_stride = 0;
  std::size_t rows = 1;
  std::size_t sources = 0;
  const float* weights = nullptr;  // host [layers, sources]
  std::size_t layers = 0;
  const float* value_norms = nullptr;  // [layers, value_norm_stride], or null
  std::size_t value_norm_stride = 0;
  float next_share = 0;
  std::size_t positions = 0;  // to choose from: 0 .. positions - 1
  std::size_t sinks = 0;
  std::size_t window = 0;
  const float* p = nullptr;  // host [layers]
  RowCombination combination = RowCombination::kMean;
  ThresholdSearch search = ThresholdSearch::kHistogram;
};

/// What became of one layer in a SelectCall.
struct LayerSelection {
  std::size_t count = 0;  // positions chosen
  double kept = 0;        // their estimated attention: mean (kMax: maximum) over the rows
  double total = 0;       // of all positions

  /// Share of the estimated attention that was chosen: 1 where there was nothing to choose from, NaN where
  /// nobody estimates.
  [[nodiscard]] double mass_kept() const {
    if (total > 0) return kept / total;
    return count == 0 ? 1.0 : std::numeric_limits<double>::quiet_NaN();
  }
};

class Backend {
 public:
  Backend() = default;
  virtual ~Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  [[nodiscard]] virtual std::string_view name() const = 0;  // "cpu", "cuda"
  [[nodiscard]] virtual std::string device() const = 0;     // e.g. "AVX2", or the name of a GPU
  [[nodiscard]] virtual int threads() const = 0;            // of the host that work in a pass

  /// Fails with kOutOfMemory, naming the size.
  virtual Result<Buffer> allocate(std::size_t bytes) = 0;
  /// Makes room for these sizes; called once per model, before its first pass. Sizes only grow. Fails with
  /// kOutOfMemory, or kUnsupported for shapes the kernels do not hold.
  virtual Result<void> reserve(const BackendLimits& limits) = 0;

  /// out[rows, table.columns] = rows of the table. ids: host.
  virtual void embed(float* out, const Matrix& table, std::span<const TokenId> ids) = 0;
  virtual void rms_norm(float* out, const float* x, const float* weight, std::size_t rows,
                        std::size_t columns, float epsilon) = 0;
  /// At most four projections of x [rows, columns].
  virtual void project(std::span<const Projection> projections, const float* x, std::size_t rows) = 0;
  /// Sets the angles of the rows of the pass that begins: positions first .. first + rows - 1.
  virtual void begin_rope(std::size_t first_position, std::size_t rows, std::size_t head_dim, float base) = 0;
  /// Turns x [rows, heads, head_dim] by the angles of begin_rope.
  virtual void rope(float* x, std::size_t rows, std::size_t heads, std::size_t head_dim) = 0;
  /// Appends x [n] to a KV cache: f16, saturating.
  virtual void store(std::uint16_t* out, const float* x, std::size_t n) = 0;
  /// out[rows] = length of each row of x [rows, columns].
  virtual void row_norms(float* out, const float* x, std::size_t rows, std::size_t columns) = 0;
  virtual void attention(float* out, const float* query, std::size_t rows, const AttentionCall& call) = 0;
  /// mass[kv_heads, mass_stride]: for each KV head and each position below n the mean of exp(score -
  /// log_sum_exp) over `rows` rows and the query heads of the KV head.
  virtual void attention_mass(float* mass, std::size_t mass_stride, const kernels::AttentionScores& scores,
                              std::size_t rows, std::size_t heads, std::size_t kv_heads, std::size_t n) = 0;
  /// chosen [layers, stride]: each layer's positions, ascending. estimate [layers, 2, stride]: the estimated
  /// attention of every position, then scratch. stride >= call.positions. result: host [layers]. A layer with
  /// a weight that is not a finite number >= 0 keeps every position, and the call returns false.
  virtual bool select(std::int32_t* chosen, float* estimate, std::size_t stride, LayerSelection* result,
                      const SelectCall& call) = 0;
  virtual void silu_gate(float* out, const float* gate, const float* up, std::size_t n) = 0;
  virtual void add(float* x, const float* y, std::size_t n) = 0;
  /// Waits for everything asked for, then copies to the host.
  virtual void read(float* host, const float* x, std::size_t n) = 0;
};

}  // namespace fovea

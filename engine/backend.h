// The operation table: everything the forward pass asks of a processor. The pass is written once, over this
// class (engine/llama); each backend implements it with its own kernels and owns its scratch memory, threads
// or streams. Pointers named `x`, `out`, `query` ... point to memory of the backend (from allocate()); host
// pointers say so. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/matrix.h"
#include "engine/options.h"
#include "engine/result.h"
#include "engine/sampler.h"
#include "kernels/attention_types.h"
#include "kernels/selection_types.h"

namespace fovea {

class Backend;

struct BufferDeleter {
  Backend* backend = nullptr;
  void operator()(std::byte* memory) const;
};

/// Memory of a backend, freed when it goes. Aligned to 64 bytes, content undefined. Must not outlive its
/// backend.
using Buffer = std::unique_ptr<std::byte[], BufferDeleter>;

/// The largest sizes a model will ask for, so that no step allocates.
struct BackendLimits {
  std::size_t rows = 0;     // tokens in one pass
  std::size_t columns = 0;  // widest input or output of a layer's products
  std::size_t heads = 0;
  std::size_t kv_heads = 0;
  std::size_t head_dim = 0;
  std::size_t positions = 0;  // length of the KV cache
  float rope_base = 0;
};

/// What tells one pass's operations from another's: passes of equal keys ask for the same operations on the
/// same memory, and differ in their tokens, their first position and in what the memory holds. A backend may
/// record such a pass once and replay it.
struct PassKey {
  const void* model = nullptr;
  const void* plan = nullptr;  // null: reads everything, leaves nothing
  std::size_t variant = 0;     // of what the plan does
  std::size_t rows = 0;
  std::size_t logit_rows = 0;

  bool operator==(const PassKey&) const = default;
};

/// One run of tokens through a model: what all its operations share.
struct Pass {
  std::span<const TokenId> ids;    // host, valid until end_pass; a row each
  std::size_t first_position = 0;  // of row 0
  std::size_t head_dim = 0;
  float rope_base = 0;
  std::optional<PassKey> key;  // none: never the same twice
};

/// The scale of an RMS norm (Zhang and Sennrich 2019, arXiv 1910.07467) on the way into a product.
struct Norm {
  const float* weight = nullptr;  // [columns]; of the backend
  float epsilon = 0;
};

/// One layer's entries in a KV cache, from position 0 on, as the backend writes and reads them: f16, or
/// 16-bit integers with a scale for each position and KV head (Backend::kv_has_scales).
struct KvEntries {
  std::uint16_t* keys = nullptr;    // [position][kv_head][head_dim]
  std::uint16_t* values = nullptr;  // the same
  float* scales = nullptr;          // [position][kv_head][2]: of the key, of the value; null for f16
  float* value_norms = nullptr;     // [position]: length of the values, all KV heads together
};

/// One product: out[rows, weight.rows] = x[rows, weight.columns] * weight^T.
struct Projection {
  float* out = nullptr;
  const Matrix* weight = nullptr;
};

/// The entries before the pass that are read, where not all are: ascending positions. Both of the backend.
struct EntryList {
  const std::int32_t* positions = nullptr;  // [*count]
  const std::int32_t* count = nullptr;
};

struct AttentionCall {
  KvEntries entries;
  std::size_t heads = 0;
  std::size_t kv_heads = 0;
  std::size_t head_dim = 0;
  std::size_t first_position = 0;  // of row 0; row r sees entries 0 .. first_position + r
  // Of the entries before the pass only these are read, and what the pass itself appended, causally; null:
  // all.
  const EntryList* selection = nullptr;
  const kernels::AttentionScores* scores = nullptr;  // where to leave the scores; null: nowhere
};

struct SelectionLists;

/// Attention scores as passes left them: of `layers` layers, `rows` queries each.
struct ScoreRows {
  const float* scores = nullptr;       // [layers, layer_rows, heads, stride]
  const float* log_sum_exp = nullptr;  // [layers, layer_rows, heads]
  std::size_t stride = 0;
  std::size_t layers = 1;
  std::size_t layer_rows = 0;  // from one layer to the next
  std::size_t rows = 0;        // that count, of each layer's first
  std::size_t heads = 0;
  std::size_t kv_heads = 0;
  std::size_t mean_of = 0;  // rows that the mean is over, those of other calls included; 0: `rows`
  // Where the passes read by lists, one a layer: score e belongs to the list's e-th position. Null: to
  // position e.
  const SelectionLists* lists = nullptr;
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
  const float* weights = nullptr;  // [layers, sources]
  std::size_t layers = 0;
  const float* value_norms = nullptr;  // [layers, value_norm_stride], or null
  std::size_t value_norm_stride = 0;
  float next_share = 0;
  std::size_t positions = 0;  // to choose from: 0 .. positions - 1
  std::size_t sinks = 0;
  std::size_t window = 0;
  const float* p = nullptr;  // [layers]
  RowCombination combination = RowCombination::kMean;
  ThresholdSearch search = ThresholdSearch::kHistogram;
  // A position's estimate is the largest of its own and of this many before it (not with kUnion): where a
  // query looks at one entry, a query that comes later looks at those after it.
  std::size_t reach = 0;
  // Lists for passes to come: each goes on with this many positions from `positions` on, so that the pass
  // after i more tokens reads i of them.
  std::size_t following = 0;
};

/// Where a selection is left, all of the backend.
struct SelectionLists {
  std::int32_t* positions = nullptr;  // [layers, stride]: each layer's choice, ascending; then what follows
  std::size_t stride = 0;
  std::int32_t* counts = nullptr;        // [following + 1, layers]: of the pass after i more tokens
  float* estimate = nullptr;             // [layers, 2, stride]: the estimated attention, then scratch
  kernels::LayerMass* masses = nullptr;  // [layers]
};

/// Logits where a pass left them.
struct RowLogits {
  const float* data = nullptr;  // of the backend: [rows, vocabulary]
  std::size_t rows = 0;
  std::size_t vocabulary = 0;
};

/// What is wanted of the rows' logits. The rows belong to the last places of the sequence: the row of index i
/// draws what follows all but the last rows - 1 - i of its tokens.
struct SampleCall {
  RowLogits logits;
  std::span<const TokenId> sequence;  // host
  bool confidence = false;
  bool distribution = false;
};

/// What one row's logits say, by the filters of a Sampler.
struct Draw {
  TokenId token = 0;     // Sampler::draw_at
  float confidence = 0;  // the likeliest token's probability before any filter; where wanted
  std::vector<TokenProbability> distribution;  // as Sampler::distribution; where wanted
  std::vector<float> scratch;                  // of the backend
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

  /// Bytes that a device of its own has left; none where memory is the machine's.
  [[nodiscard]] virtual std::optional<std::size_t> free_memory() const { return std::nullopt; }
  /// Whether KV entries are integers with scales, and not f16.
  [[nodiscard]] virtual bool kv_has_scales() const { return false; }
  /// Bytes that reserve() will take for these sizes.
  [[nodiscard]] virtual std::size_t workspace_bytes(const BackendLimits& limits) const = 0;
  /// Fails with kOutOfMemory, naming the size.
  virtual Result<Buffer> allocate(std::size_t bytes) = 0;
  /// Makes room for these sizes; called once per model, before its first pass. Sizes only grow. Fails with
  /// kOutOfMemory, or kUnsupported for shapes the kernels do not hold.
  virtual Result<void> reserve(const BackendLimits& limits) = 0;

  /// Brings a matrix to where and how the kernels want it: afterwards `matrix` views memory of the backend,
  /// owned by the returned buffer, which is null where the matrix stays where it is. Fails with kOutOfMemory.
  virtual Result<Buffer> place(Matrix& matrix) = 0;
  /// The same for n floats.
  virtual Result<Buffer> place(const float*& vector, std::size_t n) = 0;

  /// Begins a pass; end_pass ends it. False where the backend has replayed it: nothing is left to ask for.
  [[nodiscard]] virtual bool begin_pass(const Pass& pass) = 0;
  virtual void end_pass() = 0;

  /// out[rows of the pass, table.columns] = the table's rows of the pass's tokens.
  virtual void embed(float* out, const Matrix& table) = 0;
  /// At most four products of x [rows, columns], normed first unless norm is null.
  virtual void project(std::span<const Projection> projections, const float* x, const Norm* norm,
                       std::size_t rows) = 0;
  /// out += x * weight^T.
  virtual void project_add(const Projection& projection, const float* x, std::size_t rows) = 0;
  /// out[rows, gate.rows] = silu(x * gate^T) * (x * up^T), x normed first (SwiGLU: Shazeer 2020, arXiv
  /// 2002.05202).
  virtual void project_gated(float* out, const Matrix& gate, const Matrix& up, const float* x,
                             const Norm& norm, std::size_t rows) = 0;
  /// Turns query [rows of the pass, heads, head_dim] and key [rows, kv_heads, head_dim] by their positions'
  /// angles, and appends key and value to the cache.
  virtual void append(const KvEntries& cache, float* query, float* key, const float* value, std::size_t heads,
                      std::size_t kv_heads) = 0;
  virtual void attention(float* out, const float* query, std::size_t rows, const AttentionCall& call) = 0;
  /// mass[layers * kv_heads, mass_stride]: for each KV head and each position below n the mean of exp(score -
  /// log_sum_exp) over the rows and the query heads of the KV head. Rows that were read by lists are added to
  /// what mass holds, at the lists' positions below n.
  virtual void attention_mass(float* mass, std::size_t mass_stride, const ScoreRows& from, std::size_t n) = 0;
  /// A layer with a weight that is not a finite number >= 0 keeps every position.
  virtual void select(const SelectionLists& lists, const SelectCall& call) = 0;

  /// Draws from the rows [first, first + n) of the call, of which the first is wanted, into draws[first ..].
  /// Returns n >= 1: as many rows as cost little more than one. Waits for what it needs.
  virtual std::size_t sample(std::span<Draw> draws, std::size_t first, const SampleCall& call,
                             Sampler& sampler) = 0;

  /// Waits for everything asked for.
  virtual void wait() {}
  /// Waits likewise, then copies to the host.
  virtual void read(void* host, const void* from, std::size_t bytes) = 0;
  virtual void write(void* to, const void* host, std::size_t bytes) = 0;
  /// Waits likewise, then copies the keys from position `first` on to the host: [positions, kv_heads,
  /// head_dim].
  virtual void read_keys(std::span<float> host, const KvEntries& cache, std::size_t first,
                         std::size_t kv_heads, std::size_t head_dim) = 0;
  /// The first failure since the backend was made (a lost device): what was computed after it is void.
  [[nodiscard]] virtual Result<void> status() const { return {}; }

 private:
  friend struct BufferDeleter;
  virtual void release(std::byte* memory) noexcept = 0;
};

inline void BufferDeleter::operator()(std::byte* memory) const {
  backend->release(memory);
}

/// n floats, or other plain values.
template <typename T>
void read_values(Backend& backend, std::span<T> host, const T* from) {
  backend.read(host.data(), from, host.size_bytes());
}
template <typename T>
void write_values(Backend& backend, T* to, std::span<const T> host) {
  backend.write(to, host.data(), host.size_bytes());
}

}  // namespace fovea

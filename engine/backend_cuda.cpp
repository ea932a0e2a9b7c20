#include "engine/backend_cuda.h"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "engine/draw_row.h"
#include "engine/error_text.h"
#include "kernels/cuda/attention.h"
#include "kernels/cuda/attention_mass.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/matmul.h"
#include "kernels/cuda/pass.h"
#include "kernels/cuda/prefill.h"
#include "kernels/cuda/sampling.h"
#include "kernels/cuda/select.h"
#include "kernels/reference/reference.h"

namespace fovea {
namespace {

namespace cuda = kernels::cuda;

// Up to so many rows a row's bits do not depend on the others: decoding, verification and confirmation.
constexpr std::size_t kFewRows = cuda::kMaxProductRows;
constexpr std::size_t kStagingBytes = std::size_t{16} << 20;
constexpr int kStagingBuffers = 2;
constexpr std::size_t kDrawnRows = 32;   // at once
constexpr std::size_t kListedHead = 64;  // of a row's list: what is brought to the host unasked

kernels::AttentionShape shape_of(std::size_t heads, std::size_t kv_heads, std::size_t head_dim) {
  return {heads, kv_heads, head_dim, 1.0F / std::sqrt(static_cast<float>(head_dim))};
}

Error out_of_memory(std::size_t bytes) {
  std::size_t free = 0;
  std::size_t total = 0;
  cudaMemGetInfo(&free, &total);
  return {ErrorCode::kOutOfMemory,
          "The GPU has not enough memory: " + mebibytes(bytes) + " more are needed, and " + mebibytes(free) +
              " of " + mebibytes(total) + " are free.",
          "Choose a shorter context, a smaller or more strongly quantised model, or the backend cpu."};
}

Error failure(cudaError_t status) {
  return {ErrorCode::kBackend, "The GPU failed: " + std::string(cudaGetErrorString(status)) + ".",
          "Load the model again, or choose the backend cpu."};
}

// What sampling leaves, on the device and, in pinned memory, on the host.
struct DrawnRows {
  std::int32_t token[kDrawnRows];
  std::int32_t kept[kDrawnRows];
  float confidence[kDrawnRows];
  std::int32_t listed[kDrawnRows][cuda::kMaxListed];
  float probability[kDrawnRows][cuda::kMaxListed];
};

}  // namespace

struct BackendCuda::Device {
  struct RopeTable {
    std::size_t head_dim = 0;
    float base = 0;
    std::size_t positions = 0;
    Buffer memory;
  };
  struct Recording {
    PassKey key;
    cudaGraphExec_t graph = nullptr;  // null: seen once, not recorded yet
  };

  cudaStream_t stream = nullptr;
  cudaError_t status = cudaSuccess;  // the first that failed
  std::vector<Recording> recordings;
  bool recording = false;
  std::byte* staging[kStagingBuffers] = {};  // pinned
  cudaEvent_t staged[kStagingBuffers] = {};  // has been copied from
  cuda::Prefill prefill;

  // Counts that kernels read, and the tokens by position.
  Buffer counts;                           // int32 [4]
  std::int32_t* first_position = nullptr;  // [2]: of the pass, and of its last few rows
  std::int32_t* slot_count = nullptr;
  std::int32_t* positions = nullptr;
  Buffer tokens_memory;
  std::int32_t* tokens = nullptr;            // [positions]
  std::int32_t* sampled_position = nullptr;  // [2]: of the history brought, and of the rows
  Buffer drawn_memory;                       // DrawnRows, then SamplingParameters
  DrawnRows* drawn = nullptr;
  DrawnRows* drawn_on_host = nullptr;  // pinned
  cuda::SamplingParameters* parameters = nullptr;
  std::optional<cuda::SamplingParameters> parameters_there;  // what *parameters holds
  std::vector<RopeTable> tables;
  Scratch activations;
  Scratch prefill_workspace;
  Scratch attention_workspace;
  Scratch select_workspace;

  void note(cudaError_t result) {
    if (status == cudaSuccess && result != cudaSuccess) status = result;
  }

  void multiply(std::span<const cuda::Product> products, cuda::Epilogue epilogue, const float* x,
                const Norm* norm, std::size_t rows, std::size_t columns) {
    void* prepared = activations.memory.get();
    note(cuda::prepare(prepared, x, norm != nullptr ? norm->weight : nullptr,
                       norm != nullptr ? norm->epsilon : 0.0F, rows, columns, stream));
    if (rows <= kFewRows) {
      note(cuda::matmul(products.data(), products.size(), epilogue, prepared, rows, columns, stream));
    } else {
      note(prefill.matmul(products.data(), products.size(), epilogue, prepared, rows, columns,
                          prefill_workspace.memory.get(), stream));
    }
  }

  void forget_recordings() {
    for (const Recording& recorded : recordings) {
      if (recorded.graph != nullptr) cudaGraphExecDestroy(recorded.graph);
    }
    recordings.clear();
  }
};

BackendCuda::BackendCuda() : m_device_state(std::make_unique<Device>()) {}

Result<std::unique_ptr<BackendCuda>> BackendCuda::create() {
  int devices = 0;
  const cudaError_t counted = cudaGetDeviceCount(&devices);
  if (counted != cudaSuccess || devices == 0) {
    const std::string why = counted != cudaSuccess ? cudaGetErrorString(counted) : "none is installed";
    return Error{ErrorCode::kUnsupported, "No CUDA device answers: " + why + ".",
                 "Choose the backend cpu or auto, or install NVIDIA's driver."};
  }
  std::unique_ptr<BackendCuda> backend(new BackendCuda());
  Device& state = *backend->m_device_state;
  state.note(cudaSetDevice(0));
  cudaDeviceProp properties{};
  state.note(cudaGetDeviceProperties(&properties, 0));
  state.note(cudaStreamCreateWithFlags(&state.stream, cudaStreamNonBlocking));
  for (int i = 0; i < kStagingBuffers; ++i) {
    void* memory = nullptr;
    state.note(cudaMallocHost(&memory, kStagingBytes));
    state.staging[i] = static_cast<std::byte*>(memory);
    state.note(cudaEventCreateWithFlags(&state.staged[i], cudaEventDisableTiming));
  }
  void* drawn_on_host = nullptr;
  state.note(cudaMallocHost(&drawn_on_host, sizeof(DrawnRows)));
  state.drawn_on_host = static_cast<DrawnRows*>(drawn_on_host);
  if (state.status != cudaSuccess) return failure(state.status);
  Result<Buffer> drawn = backend->allocate(sizeof(DrawnRows) + sizeof(cuda::SamplingParameters));
  if (!drawn) return drawn.error();
  state.drawn_memory = std::move(drawn).value();
  state.drawn = reinterpret_cast<DrawnRows*>(state.drawn_memory.get());
  state.parameters = reinterpret_cast<cuda::SamplingParameters*>(state.drawn + 1);
  Result<Buffer> counts = backend->allocate(6 * sizeof(std::int32_t));
  if (!counts) return counts.error();
  state.counts = std::move(counts).value();
  state.first_position = reinterpret_cast<std::int32_t*>(state.counts.get());
  state.slot_count = state.first_position + 2;
  state.positions = state.first_position + 3;
  state.sampled_position = state.first_position + 4;
  backend->m_device = properties.name;
  return backend;
}

BackendCuda::~BackendCuda() {
  Device& state = *m_device_state;
  if (state.stream != nullptr) cudaStreamSynchronize(state.stream);
  state.forget_recordings();
  for (int i = 0; i < kStagingBuffers; ++i) {
    cudaFreeHost(state.staging[i]);
    if (state.staged[i] != nullptr) cudaEventDestroy(state.staged[i]);
  }
  cudaFreeHost(state.drawn_on_host);
  if (state.stream != nullptr) cudaStreamDestroy(state.stream);
}

Result<Buffer> BackendCuda::allocate(std::size_t bytes) {
  void* memory = nullptr;
  const cudaError_t status = cudaMalloc(&memory, std::max<std::size_t>(bytes, 1));
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // it is told here and must not be told again
    return out_of_memory(bytes);
  }
  if (status != cudaSuccess) return failure(status);
  return Buffer(static_cast<std::byte*>(memory), BufferDeleter{this});
}

void BackendCuda::release(std::byte* memory) noexcept {
  m_device_state->forget_recordings();  // they may use it
  cudaFree(memory);
}

Result<void> BackendCuda::grow(Scratch& scratch, std::size_t bytes) {
  if (bytes <= scratch.bytes) return {};
  scratch.memory.reset();
  scratch.bytes = 0;
  Result<Buffer> larger = allocate(bytes);
  if (!larger) return larger.error();
  scratch.memory = std::move(larger).value();
  scratch.bytes = bytes;
  return {};
}

Result<const float*> BackendCuda::angles(std::size_t positions, std::size_t head_dim, float base) {
  Device& state = *m_device_state;
  for (const Device::RopeTable& table : state.tables) {
    if (table.head_dim == head_dim && table.base == base && table.positions >= positions) {
      return reinterpret_cast<const float*>(table.memory.get());
    }
  }
  Result<Buffer> memory = allocate(positions * head_dim * sizeof(float));
  if (!memory) return memory.error();
  state.tables.push_back({head_dim, base, positions, std::move(memory).value()});
  auto* table = reinterpret_cast<float*>(state.tables.back().memory.get());
  state.note(cuda::rope_table(table, positions, head_dim, base, state.stream));
  return static_cast<const float*>(table);
}

Result<void> BackendCuda::reserve(const BackendLimits& limits) {
  if (limits.head_dim > cuda::kAttentionMaxHeadDim ||
      limits.heads / limits.kv_heads > cuda::kAttentionMaxGroup) {
    return Error{ErrorCode::kUnsupported,
                 "The model's attention heads are larger than this program runs: head size " +
                     std::to_string(limits.head_dim) + ", " + std::to_string(limits.heads / limits.kv_heads) +
                     " query heads per key-value head.",
                 "Choose a model with a head size of at most 256 and at most 32 query heads per key-value "
                 "head."};
  }
  if (limits.head_dim % 4 != 0) {
    return Error{ErrorCode::kUnsupported,
                 "The model's heads have " + std::to_string(limits.head_dim) +
                     " numbers, and the GPU takes multiples of 4.",
                 "Choose the backend cpu."};
  }
  Device& state = *m_device_state;
  const Workspace wanted = workspace(limits);
  if (limits.positions > m_positions) {
    Result<Buffer> tokens = allocate(wanted.tokens);
    if (!tokens) return tokens.error();
    state.tokens_memory = std::move(tokens).value();
    state.tokens = reinterpret_cast<std::int32_t*>(state.tokens_memory.get());
    m_positions = limits.positions;
  }
  if (auto table = angles(limits.positions, limits.head_dim, limits.rope_base); !table) return table.error();
  if (Result<void> grown = grow(state.activations, wanted.activations); !grown) return grown;
  if (Result<void> grown = grow(state.prefill_workspace, wanted.prefill); !grown) return grown;
  return grow(state.attention_workspace, wanted.attention);
}

BackendCuda::Workspace BackendCuda::workspace(const BackendLimits& limits) {
  const auto shape = shape_of(limits.heads, limits.kv_heads, limits.head_dim);
  Workspace bytes;
  bytes.activations = cuda::activation_bytes(limits.rows, limits.columns);
  // Narrow inputs are multiplied in taller tiles.
  for (std::size_t columns = 32; columns <= limits.columns; columns += 32) {
    bytes.prefill = std::max(bytes.prefill, cuda::Prefill::workspace_bytes(limits.rows, columns));
  }
  for (std::size_t rows = 1; rows <= kFewRows; ++rows) {
    bytes.attention =
        std::max(bytes.attention, cuda::attention_workspace_bytes(rows, shape, limits.positions));
  }
  bytes.angles = limits.positions * limits.head_dim * sizeof(float);
  bytes.tokens = (limits.positions + limits.rows) * sizeof(std::int32_t);
  return bytes;
}

std::size_t BackendCuda::workspace_bytes(const BackendLimits& limits) const {
  const Workspace bytes = workspace(limits);
  return bytes.activations + bytes.prefill + bytes.attention + bytes.angles + bytes.tokens;
}

std::optional<std::size_t> BackendCuda::free_memory() const {
  std::size_t free = 0;
  std::size_t total = 0;
  if (cudaMemGetInfo(&free, &total) != cudaSuccess) return std::nullopt;
  return free;
}

// Through pinned memory, so that the disk is read while the last piece is on its way.
Result<Buffer> BackendCuda::upload(const void* host, std::size_t bytes) {
  Device& state = *m_device_state;
  Result<Buffer> memory = allocate(bytes);
  if (!memory) return memory.error();
  const auto* from = static_cast<const std::byte*>(host);
  int i = 0;
  for (std::size_t done = 0; done < bytes; done += kStagingBytes, i = (i + 1) % kStagingBuffers) {
    const std::size_t now = std::min(kStagingBytes, bytes - done);
    state.note(cudaEventSynchronize(state.staged[i]));
    std::memcpy(state.staging[i], from + done, now);
    state.note(
        cudaMemcpyAsync(memory->get() + done, state.staging[i], now, cudaMemcpyHostToDevice, state.stream));
    state.note(cudaEventRecord(state.staged[i], state.stream));
  }
  if (state.status != cudaSuccess) return failure(state.status);
  return memory;
}

Result<Buffer> BackendCuda::place(Matrix& matrix) {
  Device& state = *m_device_state;
  Result<Buffer> uploaded = upload(matrix.data, matrix.bytes());
  if (!uploaded) return uploaded;
  if (!cuda::packed_is_gguf(matrix.dtype)) {
    Result<Buffer> packed = allocate(cuda::packed_bytes(matrix.dtype, matrix.rows, matrix.columns));
    if (!packed) return packed;
    state.note(
        cuda::pack(packed->get(), uploaded->get(), matrix.dtype, matrix.rows, matrix.columns, state.stream));
    // What was uploaded is freed on return.
    state.note(cudaStreamSynchronize(state.stream));
    std::swap(*uploaded, *packed);
  }
  if (state.status != cudaSuccess) return failure(state.status);
  matrix.data = uploaded->get();
  return uploaded;
}

Result<Buffer> BackendCuda::place(const float*& vector, std::size_t n) {
  Result<Buffer> uploaded = upload(vector, n * sizeof(float));
  if (uploaded) vector = reinterpret_cast<const float*>(uploaded->get());
  return uploaded;
}

bool BackendCuda::begin_pass(const Pass& pass) {
  Device& state = *m_device_state;
  m_pass = pass;
  const std::size_t rows = pass.ids.size();
  const std::size_t tail = rows - std::min(rows, kFewRows);
  state.note(cuda::begin_pass(state.tokens, state.first_position, pass.ids.data(), rows, pass.first_position,
                              tail, state.stream));
  const Result<const float*> table = angles(m_positions, pass.head_dim, pass.rope_base);
  if (!table) {  // cannot be: reserve() has made it
    state.note(cudaErrorMemoryAllocation);
    return false;
  }
  m_angles = *table;
  // The end of a prompt may have any number of rows; it is not worth a recording.
  if (!pass.key || pass.key->logit_rows == 0 || rows > kFewRows) return true;
  const auto known = std::find_if(state.recordings.begin(), state.recordings.end(),
                                  [&](const Device::Recording& r) { return r.key == *pass.key; });
  if (known == state.recordings.end()) {
    // Recorded when it comes again: many passes do not, and kernels are loaded outside of recordings.
    state.recordings.push_back({*pass.key, nullptr});
    return true;
  }
  if (known->graph != nullptr) {
    state.note(cudaGraphLaunch(known->graph, state.stream));
    return false;
  }
  state.recording = cudaStreamBeginCapture(state.stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess;
  return true;
}

void BackendCuda::end_pass() {
  Device& state = *m_device_state;
  if (!state.recording) return;
  state.recording = false;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  cudaError_t status = cudaStreamEndCapture(state.stream, &graph);
  if (status == cudaSuccess) status = cudaGraphInstantiate(&executable, graph, 0);
  if (graph != nullptr) cudaGraphDestroy(graph);
  if (status == cudaSuccess) status = cudaGraphLaunch(executable, state.stream);
  state.note(status);
  for (Device::Recording& recorded : state.recordings) {
    if (recorded.key == *m_pass.key) recorded.graph = executable;
  }
}

void BackendCuda::embed(float* out, const Matrix& table) {
  Device& state = *m_device_state;
  state.note(cuda::embed(out, table.data, table.dtype, table.rows, table.columns, state.tokens,
                         state.first_position, m_pass.ids.size(), state.stream));
}

void BackendCuda::project(std::span<const Projection> projections, const float* x, const Norm* norm,
                          std::size_t rows) {
  std::array<cuda::Product, cuda::kMaxProducts> products;
  std::transform(projections.begin(), projections.end(), products.begin(), [](const Projection& p) {
    return cuda::Product{p.out, p.weight->data, p.weight->dtype, p.weight->rows};
  });
  m_device_state->multiply(std::span(products).first(projections.size()), cuda::Epilogue::kStore, x, norm,
                           rows, projections[0].weight->columns);
}

void BackendCuda::project_add(const Projection& projection, const float* x, std::size_t rows) {
  const Matrix& weight = *projection.weight;
  const cuda::Product product{projection.out, weight.data, weight.dtype, weight.rows};
  m_device_state->multiply(std::span(&product, 1), cuda::Epilogue::kAdd, x, nullptr, rows, weight.columns);
}

void BackendCuda::project_gated(float* out, const Matrix& gate, const Matrix& up, const float* x,
                                const Norm& norm, std::size_t rows) {
  const cuda::Product products[] = {{out, gate.data, gate.dtype, gate.rows},
                                    {nullptr, up.data, up.dtype, up.rows}};
  m_device_state->multiply(products, cuda::Epilogue::kSiluGate, x, &norm, rows, gate.columns);
}

void BackendCuda::append(const KvEntries& cache, float* query, float* key, const float* value,
                         std::size_t heads, std::size_t kv_heads) {
  Device& state = *m_device_state;
  state.note(cuda::append({cache.keys, cache.values, cache.value_norms}, query, key, value, m_angles,
                          state.first_position, m_pass.ids.size(), heads, kv_heads, m_pass.head_dim,
                          state.stream));
}

void BackendCuda::attention(float* out, const float* query, std::size_t rows, const AttentionCall& call) {
  Device& state = *m_device_state;
  const auto shape = shape_of(call.heads, call.kv_heads, call.head_dim);
  cuda::AttentionEntries entries{.keys = call.entries.keys,
                                 .values = call.entries.values,
                                 .first_position = state.first_position,
                                 .selected = nullptr,
                                 .selected_count = nullptr};
  if (call.selection != nullptr) {
    entries.selected = call.selection->positions;
    entries.selected_count = call.selection->count;
  }
  if (rows > kFewRows) {
    state.note(cuda::attention_prefill(out, query, entries, rows, shape, state.stream));
    if (call.scores == nullptr) return;
    // The last rows once more, by the kernel that leaves scores: nobody asks for those of more.
    const std::size_t skipped = rows - kFewRows;
    out += skipped * call.heads * call.head_dim;
    query += skipped * call.heads * call.head_dim;
    rows = kFewRows;
    entries.first_position = state.first_position + 1;
    kernels::AttentionScores scores = *call.scores;
    scores.first_row -= std::min(skipped, scores.first_row);
    state.note(cuda::attention(out, query, entries, &scores, state.attention_workspace.memory.get(), rows,
                               shape, m_positions, state.stream));
    return;
  }
  state.note(cuda::attention(out, query, entries, call.scores, state.attention_workspace.memory.get(), rows,
                             shape, m_positions, state.stream));
}

void BackendCuda::attention_mass(float* mass, std::size_t mass_stride, const ScoreRows& from, std::size_t n) {
  Device& state = *m_device_state;
  state.note(cuda::set_counts(state.slot_count, static_cast<std::int32_t>(from.rows),
                              static_cast<std::int32_t>(n), state.stream));
  const cuda::ScoreRows rows{.scores = from.scores,
                             .log_sum_exp = from.log_sum_exp,
                             .layers = from.layers,
                             .slots = std::max(from.layer_rows, from.rows),
                             .heads = from.heads,
                             .kv_heads = from.kv_heads,
                             .stride = from.stride,
                             .slot_count = state.slot_count,
                             .positions = state.positions,
                             .capacity = n,
                             .mean_of = from.mean_of};
  if (from.lists != nullptr) {
    state.note(cuda::add_listed_mass(mass, mass_stride, rows,
                                     {from.lists->positions, from.lists->stride, from.lists->counts},
                                     state.stream));
  } else if (from.rows == 0) {  // nobody saw everything: those who saw lists will add to nothing
    state.note(cudaMemset2DAsync(mass, mass_stride * sizeof(float), 0, n * sizeof(float),
                                 from.layers * from.kv_heads, state.stream));
  } else {
    state.note(cuda::attention_mass(mass, mass_stride, rows, state.stream));
  }
}

void BackendCuda::select(const SelectionLists& lists, const SelectCall& call) {
  Device& state = *m_device_state;
  const cuda::SelectCall asked{.mass = call.mass,
                               .mass_stride = call.mass_stride,
                               .rows = call.rows,
                               .sources = call.sources,
                               .weights = call.weights,
                               .layers = call.layers,
                               .dense_layers = 0,  // they get no list from the selector
                               .value_norms = call.value_norms,
                               .value_norm_stride = call.value_norm_stride,
                               .next_share = call.next_share,
                               .sinks = call.sinks,
                               .window = call.window,
                               .p = call.p,
                               .combination = call.combination,
                               .search = call.search,
                               .reach = call.reach,
                               .following = call.following,
                               .slot_count = state.slot_count,
                               .positions = state.positions,
                               .capacity = call.positions};
  const Result<void> grown = grow(state.select_workspace, cuda::select_workspace_bytes(asked, lists.stride));
  if (!grown) {
    state.note(cudaErrorMemoryAllocation);
    return;
  }
  state.note(cuda::set_counts(state.slot_count, static_cast<std::int32_t>(call.rows),
                              static_cast<std::int32_t>(call.positions), state.stream));
  state.note(cuda::select({.positions = lists.positions,
                           .estimate = lists.estimate,
                           .stride = lists.stride,
                           .counts = lists.counts,
                           .masses = lists.masses},
                          state.select_workspace.memory.get(), asked, state.stream));
}

// The tokens that a repetition penalty looks at: a pass brings its own alone, and others may have written
// over what came before.
void BackendCuda::place_history(const SampleCall& call, const Sampler& sampler) {
  Device& state = *m_device_state;
  const SamplingOptions& options = sampler.options();
  const std::size_t before = call.sequence.size() - call.logits.rows;  // row 0 follows one token more
  const std::size_t window = options.repetition_penalty > 1.0F
                                 ? static_cast<std::size_t>(std::max(options.repetition_window, 0))
                                 : 0;
  const std::size_t history = std::min(window, before);
  const auto ids = call.sequence.subspan(before - history);
  state.note(cuda::begin_pass(state.tokens, state.sampled_position, ids.data(), ids.size(), before - history,
                              history, state.stream));
  const cuda::SamplingParameters parameters{.seed = sampler.seed(),
                                            .lowered = sampler.lowered(),
                                            .temperature = options.temperature,
                                            .top_k = options.top_k,
                                            .top_p = options.top_p,
                                            .min_p = options.min_p,
                                            .repetition_penalty = options.repetition_penalty,
                                            .repetition_window = options.repetition_window};
  if (state.parameters_there != parameters) {
    write(state.parameters, &parameters, sizeof(parameters));
    state.parameters_there = parameters;
  }
}

std::size_t BackendCuda::sample(std::span<Draw> draws, std::size_t first, const SampleCall& call,
                                Sampler& sampler) {
  Device& state = *m_device_state;
  const RowLogits& logits = call.logits;
  const auto on_host = [&](std::size_t row) {
    std::vector<float> host(logits.vocabulary);
    read_values(*this, std::span(host), logits.data + row * logits.vocabulary);
    draw_row(draws[row], host, row, call, sampler);
  };
  if (logits.vocabulary > cuda::kMaxSampledVocabulary || first != 0 || logits.rows > kDrawnRows) {
    on_host(first);
    return 1;
  }
  place_history(call, sampler);
  DrawnRows& drawn = *state.drawn;
  state.note(cuda::sample({.token = drawn.token,
                           .kept = drawn.kept,
                           .listed = drawn.listed[0],
                           .probability = drawn.probability[0],
                           .wide = nullptr,
                           .confidence = drawn.confidence},
                          logits.data, state.tokens, state.sampled_position + 1, state.parameters,
                          logits.rows, logits.vocabulary, state.stream));
  DrawnRows& host = *state.drawn_on_host;
  state.note(
      cudaMemcpyAsync(&host, &drawn, offsetof(DrawnRows, listed), cudaMemcpyDeviceToHost, state.stream));
  const auto bring_lists = [&](std::size_t entries) {
    constexpr std::size_t kPitch = sizeof(DrawnRows::listed[0]);
    state.note(cudaMemcpy2DAsync(host.listed, kPitch, drawn.listed, kPitch, entries * sizeof(std::int32_t),
                                 logits.rows, cudaMemcpyDeviceToHost, state.stream));
    state.note(cudaMemcpy2DAsync(host.probability, kPitch, drawn.probability, kPitch, entries * sizeof(float),
                                 logits.rows, cudaMemcpyDeviceToHost, state.stream));
  };
  if (call.distribution) bring_lists(kListedHead);
  wait();
  if (state.status != cudaSuccess) {  // what lies there is void
    std::fill_n(host.token, logits.rows, 0);
    std::fill_n(host.kept, logits.rows, 1);
  }
  const auto longest = static_cast<std::size_t>(*std::max_element(host.kept, host.kept + logits.rows));
  if (call.distribution && longest > kListedHead) {
    bring_lists(std::min(longest, cuda::kMaxListed));
    wait();
  }
  for (std::size_t row = 0; row < logits.rows; ++row) {
    Draw& draw = draws[row];
    draw.token = host.token[row];
    draw.confidence = host.confidence[row];
    draw.distribution.clear();
    if (!call.distribution) continue;
    const auto kept = static_cast<std::size_t>(host.kept[row]);
    if (kept > cuda::kMaxListed) {
      on_host(row);
      continue;
    }
    for (std::size_t i = 0; i < kept; ++i) {
      draw.distribution.push_back({host.listed[row][i], host.probability[row][i]});
    }
  }
  return logits.rows;
}

void BackendCuda::wait() {
  m_device_state->note(cudaStreamSynchronize(m_device_state->stream));
}

void BackendCuda::read(void* host, const void* from, std::size_t bytes) {
  Device& state = *m_device_state;
  state.note(cudaMemcpyAsync(host, from, bytes, cudaMemcpyDeviceToHost, state.stream));
  state.note(cudaStreamSynchronize(state.stream));
}

void BackendCuda::read_keys(std::span<float> host, const KvEntries& cache, std::size_t first,
                            std::size_t kv_heads, std::size_t head_dim) {
  std::vector<std::uint16_t> halves(host.size());
  read_values(*this, std::span(halves), cache.keys + first * kv_heads * head_dim);
  std::transform(halves.begin(), halves.end(), host.begin(), kernels::reference::half_to_float);
}

void BackendCuda::write(void* to, const void* host, std::size_t bytes) {
  Device& state = *m_device_state;
  // Pageable memory is copied before the call returns.
  state.note(cudaMemcpyAsync(to, host, bytes, cudaMemcpyHostToDevice, state.stream));
}

Result<void> BackendCuda::status() const {
  if (m_device_state->status == cudaSuccess) return {};
  return failure(m_device_state->status);
}

}  // namespace fovea

#include "engine/synthetic_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "engine/gguf_writer.h"
#include "engine/output_file.h"
#include "engine/synthetic_weights.h"
#include "engine/vocabulary.h"
#include "kernels/cpu/thread_pool.h"

namespace fovea {
namespace {

using kernels::DType;

constexpr int kBytePieces = 256;
constexpr int kLeastVocabulary = 3 + kBytePieces + 1;  // <unk>, <s>, </s>, the bytes and the space
constexpr int kColumnMultiple = 32;                    // see engine/weights

struct Tensor {
  std::string name;
  std::vector<std::uint64_t> shape;  // fastest dimension first; one dimension: a norm, ones in F32

  [[nodiscard]] bool is_norm() const { return shape.size() == 1; }
  [[nodiscard]] std::uint64_t elements() const { return is_norm() ? shape[0] : shape[0] * shape[1]; }
};

std::uint32_t gguf_type(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return 0;
    case DType::kF16:
      return 1;
    case DType::kQ4_0:
      return 2;
    case DType::kQ8_0:
      return 8;
    case DType::kBF16:
      return 30;
  }
  return 0;
}

/// All tensors, in the order of the forward pass.
std::vector<Tensor> tensors_of(const SyntheticModel& model) {
  const auto size = [](int n) { return static_cast<std::uint64_t>(n); };
  const ModelConfig& config = model.config;
  const std::uint64_t width = size(config.width);
  const std::uint64_t query = size(config.heads) * size(config.head_dim);
  const std::uint64_t key = size(config.kv_heads) * size(config.head_dim);
  const std::uint64_t feed_forward = size(config.feed_forward);
  std::vector<Tensor> tensors{{"token_embd.weight", {width, size(config.vocabulary)}}};
  for (int layer = 0; layer < config.layers; ++layer) {
    const std::string block = "blk." + std::to_string(layer) + ".";
    tensors.push_back({block + "attn_norm.weight", {width}});
    tensors.push_back({block + "attn_q.weight", {width, query}});
    tensors.push_back({block + "attn_k.weight", {width, key}});
    tensors.push_back({block + "attn_v.weight", {width, key}});
    tensors.push_back({block + "attn_output.weight", {query, width}});
    tensors.push_back({block + "ffn_norm.weight", {width}});
    tensors.push_back({block + "ffn_gate.weight", {width, feed_forward}});
    tensors.push_back({block + "ffn_up.weight", {width, feed_forward}});
    tensors.push_back({block + "ffn_down.weight", {feed_forward, width}});
  }
  tensors.push_back({"output_norm.weight", {width}});
  if (!model.tied_output) tensors.push_back({"output.weight", {width, size(config.vocabulary)}});
  return tensors;
}

/// Control tokens, bytes, a space, and as many pieces as are missing: any text can be tokenized, into its
/// bytes.
void put_vocabulary(GgufWriter& gguf, int size) {
  std::vector<std::string> texts{"<unk>", "<s>", "</s>"};
  std::vector<PieceType> kinds{PieceType::kUnknown, PieceType::kControl, PieceType::kControl};
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (std::size_t byte = 0; byte < kBytePieces; ++byte) {
    texts.push_back(std::string("<0x") + kHex[byte / 16] + kHex[byte % 16] + ">");
    kinds.push_back(PieceType::kByte);
  }
  const std::string space = "\xE2\x96\x81";  // U+2581, how pieces spell it
  texts.push_back(space);
  for (int id = kLeastVocabulary; id < size; ++id) texts.push_back(space + "t" + std::to_string(id));
  kinds.resize(texts.size(), PieceType::kNormal);
  std::vector<float> scores(texts.size(), 0.0F);
  for (std::size_t id = kLeastVocabulary; id < scores.size(); ++id)
    scores[id] = -static_cast<float>(id - kLeastVocabulary);
  std::vector<std::int32_t> types(kinds.size());
  std::ranges::transform(kinds, types.begin(),
                         [](PieceType kind) { return static_cast<std::int32_t>(kind); });

  gguf.add_string("tokenizer.ggml.model", "llama");
  gguf.add_strings("tokenizer.ggml.tokens", std::vector<std::string_view>(texts.begin(), texts.end()));
  gguf.add_floats("tokenizer.ggml.scores", scores);
  gguf.add_ints("tokenizer.ggml.token_type", types);
  gguf.add_uint("tokenizer.ggml.bos_token_id", 1);
  gguf.add_uint("tokenizer.ggml.eos_token_id", 2);
}

GgufWriter describe(const SyntheticModel& model, std::span<const Tensor> tensors) {
  const ModelConfig& config = model.config;
  GgufWriter gguf;
  gguf.add_string("general.architecture", "llama");
  gguf.add_string("general.name", "synthetic " + model.shape);
  gguf.add_string("general.description",
                  "Random weights (seed " + std::to_string(model.seed) + "), for measuring speed alone.");
  const auto add = [&gguf](std::string_view key, int value) {
    gguf.add_uint("llama." + std::string(key), static_cast<std::uint32_t>(value));
  };
  add("block_count", config.layers);
  add("embedding_length", config.width);
  add("feed_forward_length", config.feed_forward);
  add("attention.head_count", config.heads);
  add("attention.head_count_kv", config.kv_heads);
  add("attention.key_length", config.head_dim);
  add("attention.value_length", config.head_dim);
  add("rope.dimension_count", config.head_dim);
  add("context_length", config.context_tokens);
  add("vocab_size", config.vocabulary);
  gguf.add_float("llama.rope.freq_base", config.rope_base);
  gguf.add_float("llama.attention.layer_norm_rms_epsilon", config.norm_epsilon);
  put_vocabulary(gguf, config.vocabulary);
  for (const Tensor& tensor : tensors)
    gguf.add_tensor(tensor.name, tensor.shape, gguf_type(tensor.is_norm() ? DType::kF32 : model.dtype));
  return gguf;
}

/// Writes piece after piece: while one goes to the file, the threads make the next.
class PieceWriter {
 public:
  static constexpr std::size_t kPieceBytes = std::size_t{32} << 20U;

  PieceWriter(OutputFile& file, int threads) : m_file(file), m_pool(threads) {
    for (auto& buffer : m_buffers)
      buffer = std::make_unique_for_overwrite<std::byte[]>(kPieceBytes + GgufWriter::kAlignment);
  }

  /// Appends `bytes` (at most kPieceBytes), which fill(out, part) makes for each of `parts` parts, and zeros
  /// up to the alignment.
  template <typename Fill>
  Result<void> append(std::size_t bytes, std::size_t parts, const Fill& fill) {
    std::byte* next = m_buffers[m_next].get();
    Result<void> written;
    m_pool.run(parts + 1, [&](std::size_t task) {
      if (task == 0) {
        written = flush();
      } else {
        fill(next, task - 1);
      }
    });
    const std::size_t padding = GgufWriter::padding(bytes);
    std::fill_n(next + bytes, padding, std::byte{0});
    m_waiting = std::span<const std::byte>(next, bytes + padding);
    m_next = 1 - m_next;
    return written;
  }
  /// Writes what still waits.
  Result<void> flush() { return m_file.write(std::exchange(m_waiting, {})); }

 private:
  OutputFile& m_file;
  kernels::cpu::ThreadPool m_pool;
  std::array<std::unique_ptr<std::byte[]>, 2> m_buffers;
  std::size_t m_next = 0;
  std::span<const std::byte> m_waiting;  // in the other buffer
};

Result<void> write_norm(PieceWriter& file, std::size_t length) {
  return file.append(length * sizeof(float), 1, [length](std::byte* out, std::size_t) {
    const std::vector<float> ones(length, 1.0F);
    std::ranges::copy(std::as_bytes(std::span(ones)), out);
  });
}

/// on_piece: called after each piece with the number of its elements; false stops.
Result<void> write_matrix(PieceWriter& file, const SyntheticWeights& weights, std::uint64_t elements,
                          const std::function<bool(std::uint64_t)>& on_piece) {
  constexpr std::size_t kPartBytes = std::size_t{1} << 20U;
  const std::uint64_t groups = elements / SyntheticWeights::kGroup;
  const std::size_t part_groups = kPartBytes / weights.group_bytes();
  // Of equal parts, as many as make a multiple of the alignment: zeros follow the end of the matrix alone.
  constexpr std::size_t kParts = PieceWriter::kPieceBytes / kPartBytes;
  static_assert(kParts % GgufWriter::kAlignment == 0);
  const std::size_t piece_groups = kParts * part_groups;
  for (std::uint64_t first = 0; first < groups; first += piece_groups) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(piece_groups, groups - first));
    const std::size_t parts = (count + part_groups - 1) / part_groups;
    const auto fill = [&](std::byte* out, std::size_t part) {
      const std::size_t begin = part * part_groups;
      const std::size_t size = std::min(part_groups, count - begin);
      weights.fill(first + begin, {out + begin * weights.group_bytes(), size * weights.group_bytes()});
    };
    if (auto written = file.append(count * weights.group_bytes(), parts, fill); !written) return written;
    if (!on_piece(count * SyntheticWeights::kGroup))
      return Error{ErrorCode::kCancelled, "Writing the model was cancelled.", ""};
  }
  return {};
}

}  // namespace

std::optional<SyntheticModel> synthetic_shape(std::string_view name) {
  // Of the published configurations. Llama 3.1 and 3.2 stretch their RoPE angles, which costs no time and is
  // left out.
  SyntheticModel model;
  model.shape = name;
  if (name == "llama-2-7b") {
    model.config = {{}, 32, 4096, 11008, 32, 32, 128, 32000, 4096, 1e4F, 1e-5F};
  } else if (name == "tinyllama-1.1b") {
    model.config = {{}, 22, 2048, 5632, 32, 4, 64, 32000, 2048, 1e4F, 1e-5F};
  } else if (name == "llama-3.1-8b") {
    model.config = {{}, 32, 4096, 14336, 32, 8, 128, 128256, 131072, 5e5F, 1e-5F};
  } else if (name == "llama-3.2-1b") {
    model.config = {{}, 16, 2048, 8192, 32, 8, 64, 128256, 131072, 5e5F, 1e-5F};
    model.tied_output = true;
  } else {
    return std::nullopt;
  }
  return model;
}

Result<void> validate(const SyntheticModel& model) {
  const ModelConfig& config = model.config;
  const auto refuse = [](const std::string& problem) {
    return Result<void>(Error{ErrorCode::kInvalidArgument, "This shape is no model: " + problem + ".", ""});
  };
  const auto multiple = [&](const std::string& name, int value) -> Result<void> {
    if (value > 0 && value % kColumnMultiple == 0) return {};
    return refuse(name + " is " + std::to_string(value) + ", not a multiple of 32");
  };
  if (config.layers < 1) return refuse("it has no layers");
  if (config.context_tokens < 1) return refuse("its context holds no tokens");
  if (auto fits = multiple("the width", config.width); !fits) return fits;
  if (auto fits = multiple("the feed-forward width", config.feed_forward); !fits) return fits;
  if (config.heads < 1 || config.kv_heads < 1 || config.heads % config.kv_heads != 0) {
    return refuse("its " + std::to_string(config.heads) + " heads cannot share " +
                  std::to_string(config.kv_heads) + " KV heads evenly");
  }
  if (config.head_dim < 2 || config.head_dim % 2 != 0) {
    return refuse("the head size is " + std::to_string(config.head_dim) + ", not an even number from 2 on");
  }
  if (auto fits = multiple("heads times head size", config.heads * config.head_dim); !fits) return fits;
  if (config.vocabulary < kLeastVocabulary) {
    return refuse("the vocabulary of " + std::to_string(config.vocabulary) + " cannot hold the " +
                  std::to_string(kLeastVocabulary) + " control tokens, bytes and the space");
  }
  return {};
}

SyntheticSize size_of(const SyntheticModel& model) {
  const std::vector<Tensor> tensors = tensors_of(model);
  const GgufWriter gguf = describe(model, tensors);
  SyntheticSize size;
  size.bytes = gguf.head().size() + gguf.data_bytes();
  for (const Tensor& tensor : tensors) size.parameters += tensor.elements();
  return size;
}

Result<void> write_synthetic_model(const std::string& path, const SyntheticModel& model, int threads,
                                   const std::function<void(double)>& on_progress,
                                   const std::stop_token& stop) {
  if (auto valid = validate(model); !valid) return valid.error();
  const std::vector<Tensor> tensors = tensors_of(model);
  const SyntheticSize size = size_of(model);
  auto file = OutputFile::create(path);
  if (!file) return file.error();
  if (auto room = file->demand_room(size.bytes); !room) return room.error();
  if (auto written = file->write(describe(model, tensors).head()); !written) return written.error();
  if (threads <= 0) threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  PieceWriter pieces(*file, threads);
  std::uint64_t done = 0;
  const auto on_piece = [&](std::uint64_t elements) {
    done += elements;
    if (on_progress) on_progress(static_cast<double>(done) / static_cast<double>(size.parameters));
    return !stop.stop_requested();
  };
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& tensor = tensors[i];
    Result<void> written;
    if (tensor.is_norm()) {
      written = write_norm(pieces, static_cast<std::size_t>(tensor.elements()));
    } else {
      // Sums over a row of such weights have the deviation of what goes in: nothing grows from layer to
      // layer.
      const float deviation = 1.0F / std::sqrt(static_cast<float>(tensor.shape[0]));
      written = write_matrix(pieces, SyntheticWeights(model.dtype, deviation, model.seed, i),
                             tensor.elements(), on_piece);
    }
    if (!written) return written.error();
  }
  if (auto written = pieces.flush(); !written) return written.error();
  return file->commit();
}

}  // namespace fovea

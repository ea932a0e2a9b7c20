#include "engine/weights.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/error_text.h"
#include "engine/gguf.h"

namespace fovea {
namespace {

using kernels::DType;

/// Kernels read rows in whole Q4_0 and Q8_0 blocks, and vectors of as many floats.
constexpr std::size_t kColumnMultiple = 32;

std::optional<DType> matrix_dtype(std::uint32_t type) {
  switch (type) {
    case 0:
      return DType::kF32;
    case 1:
      return DType::kF16;
    case 2:
      return DType::kQ4_0;
    case 8:
      return DType::kQ8_0;
    case 30:
      return DType::kBF16;
    default:
      return std::nullopt;
  }
}

std::string shape_text(const std::vector<std::uint64_t>& shape) {
  std::string text = "[";
  for (const std::uint64_t extent : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(extent);
  }
  return text + "]";
}

/// Demands tensors one after another and keeps the first error; what it hands out after one is not used.
class WeightLoader {
 public:
  explicit WeightLoader(const Gguf& gguf) : m_gguf(gguf) {}

  [[nodiscard]] bool ok() const { return !m_error.has_value(); }
  [[nodiscard]] Error error() const { return *m_error; }

  /// [rows, columns]
  Matrix matrix(const std::string& name, int rows, int columns) {
    const auto height = static_cast<std::size_t>(rows);
    const auto width = static_cast<std::size_t>(columns);
    const GgufTensor* tensor = demand(name, {width, height});
    if (tensor == nullptr) return {};
    const auto dtype = matrix_dtype(tensor->type);
    if (!dtype) {
      fail(ErrorCode::kUnsupported, name,
           "has type " + tensor_type_name(tensor->type) + ", expected F32, F16, BF16, Q8_0 or Q4_0");
      return {};
    }
    if (width % kColumnMultiple != 0) {
      fail(ErrorCode::kUnsupported, name,
           "has rows of " + std::to_string(columns) + ", not a multiple of 32");
      return {};
    }
    const Matrix view{tensor->data.data(), *dtype, height, width};
    // Both sizes come from the shape that was compared above; this holds unless the two tables of sizes
    // disagree.
    if (view.bytes() != tensor->data.size()) fail(ErrorCode::kDamaged, name, "has an unexpected size");
    return view;
  }

  /// [length], F32, finite
  const float* vector(const std::string& name, int length) {
    const auto count = static_cast<std::size_t>(length);
    const GgufTensor* tensor = demand(name, {count});
    if (tensor == nullptr) return nullptr;
    if (matrix_dtype(tensor->type) != DType::kF32) {
      fail(ErrorCode::kUnsupported, name, "has type " + tensor_type_name(tensor->type) + ", expected F32");
      return nullptr;
    }
    if (reinterpret_cast<std::uintptr_t>(tensor->data.data()) % alignof(float) != 0) {
      fail(ErrorCode::kDamaged, name, "does not start at a multiple of 4 bytes");
      return nullptr;
    }
    const auto* values = reinterpret_cast<const float*>(tensor->data.data());
    for (std::size_t index = 0; index < count; ++index) {
      if (std::isfinite(values[index])) continue;
      fail(ErrorCode::kDamaged, name, "has a value at " + std::to_string(index) + " that is not finite");
      return nullptr;
    }
    return values;
  }

  /// Biases, expert or norm variants, frequency factors: a tensor that nobody demanded would change the
  /// result.
  void refuse_leftovers() {
    for (const GgufTensor& tensor : m_gguf.tensors()) {
      if (m_used.contains(&tensor)) continue;
      fail(ErrorCode::kUnsupported, std::string(tensor.name),
           "is not part of the Llama models this program runs");
      return;
    }
  }

 private:
  const GgufTensor* demand(const std::string& name, const std::vector<std::uint64_t>& shape) {
    if (!ok()) return nullptr;
    const GgufTensor* tensor = m_gguf.find_tensor(name);
    if (tensor == nullptr) {
      fail(ErrorCode::kDamaged, name, "is missing, expected shape " + shape_text(shape));
      return nullptr;
    }
    if (tensor->shape != shape) {
      fail(ErrorCode::kDamaged, name,
           "has shape " + shape_text(tensor->shape) + ", expected " + shape_text(shape));
      return nullptr;
    }
    m_used.insert(tensor);
    return tensor;
  }

  void fail(ErrorCode code, const std::string& name, const std::string& problem) {
    if (!m_error) m_error = file_error(code, m_gguf.path(), "tensor " + quoted(name) + " " + problem);
  }

  const Gguf& m_gguf;
  std::set<const GgufTensor*> m_used;
  std::optional<Error> m_error;
};

LayerWeights load_layer(WeightLoader& loader, const ModelConfig& config, int layer) {
  const std::string prefix = "blk." + std::to_string(layer) + ".";
  const int query_width = config.heads * config.head_dim;
  const int kv_width = config.kv_heads * config.head_dim;
  LayerWeights weights;
  weights.attention_norm = loader.vector(prefix + "attn_norm.weight", config.width);
  weights.query = loader.matrix(prefix + "attn_q.weight", query_width, config.width);
  weights.key = loader.matrix(prefix + "attn_k.weight", kv_width, config.width);
  weights.value = loader.matrix(prefix + "attn_v.weight", kv_width, config.width);
  weights.attention_output = loader.matrix(prefix + "attn_output.weight", config.width, query_width);
  weights.feed_forward_norm = loader.vector(prefix + "ffn_norm.weight", config.width);
  weights.gate = loader.matrix(prefix + "ffn_gate.weight", config.feed_forward, config.width);
  weights.up = loader.matrix(prefix + "ffn_up.weight", config.feed_forward, config.width);
  weights.down = loader.matrix(prefix + "ffn_down.weight", config.width, config.feed_forward);
  return weights;
}

}  // namespace

Result<Weights> load_weights(const Gguf& gguf, const ModelConfig& config) {
  WeightLoader loader(gguf);
  Weights weights;
  weights.embedding = loader.matrix("token_embd.weight", config.vocabulary, config.width);
  for (int layer = 0; layer < config.layers && loader.ok(); ++layer) {
    weights.layers.push_back(load_layer(loader, config, layer));
  }
  weights.output_norm = loader.vector("output_norm.weight", config.width);
  const bool tied = gguf.find_tensor("output.weight") == nullptr;
  weights.output = tied ? weights.embedding : loader.matrix("output.weight", config.vocabulary, config.width);
  loader.refuse_leftovers();
  if (!loader.ok()) return loader.error();
  return weights;
}

Result<std::vector<Buffer>> place_weights(Weights& weights, const ModelConfig& config, Backend& backend,
                                          const std::function<void(double)>& on_progress,
                                          const std::stop_token& stop) {
  std::vector<Buffer> buffers;
  std::optional<Error> error;
  const bool tied = weights.output.data == weights.embedding.data;
  const double steps = static_cast<double>(weights.layers.size()) + 1;
  const auto keep = [&](Result<Buffer> placed) {
    if (!placed) {
      error = placed.error();
    } else if (*placed != nullptr) {
      buffers.push_back(std::move(placed).value());
    }
  };
  const auto place_all = [&](std::initializer_list<Matrix*> matrices,
                             std::initializer_list<const float**> norms) {
    for (Matrix* matrix : matrices) {
      if (!error) keep(backend.place(*matrix));
    }
    for (const float** norm : norms) {
      if (!error) keep(backend.place(*norm, static_cast<std::size_t>(config.width)));
    }
  };
  place_all({&weights.embedding}, {&weights.output_norm});
  if (tied) {
    weights.output = weights.embedding;
  } else {
    place_all({&weights.output}, {});
  }
  double done = 1;
  for (LayerWeights& w : weights.layers) {
    if (stop.stop_requested()) return Error{ErrorCode::kCancelled, "Loading was cancelled.", ""};
    if (error) return *error;
    place_all({&w.query, &w.key, &w.value, &w.attention_output, &w.gate, &w.up, &w.down},
              {&w.attention_norm, &w.feed_forward_norm});
    if (on_progress && !buffers.empty()) on_progress(++done / steps);
  }
  if (error) return *error;
  return buffers;
}

}  // namespace fovea

#include "engine/model_config.h"

#include <cmath>
#include <optional>
#include <utility>

#include "engine/error_text.h"
#include "engine/gguf.h"

namespace fovea {
namespace {

// Far above any model of this architecture, and low enough that products of a few of them fit 64 bits.
constexpr std::int64_t kMaxLayers = 1024;
constexpr std::int64_t kMaxWidth = 1 << 16;
constexpr std::int64_t kMaxFeedForward = 1 << 20;
constexpr std::int64_t kMaxHeads = 1024;
constexpr std::int64_t kMaxHeadDim = 1024;
constexpr std::int64_t kMaxVocabulary = 1 << 20;
constexpr std::int64_t kMaxContextTokens = 1 << 24;

/// Reads keys one after another and keeps the first error, so that the caller may state all demands first.
class ConfigReader {
 public:
  explicit ConfigReader(const Gguf& gguf) : m_gguf(gguf) {}

  [[nodiscard]] bool ok() const { return !m_error.has_value(); }
  [[nodiscard]] Error error() const { return *m_error; }

  void fail(ErrorCode code, const std::string& problem) {
    if (!m_error) m_error = file_error(code, m_gguf.path(), problem);
  }

  int demand_int(std::string_view key, std::int64_t min, std::int64_t max) {
    auto value = m_gguf.get_int(key);
    if (!value) {
      if (value.error().code == ErrorCode::kNotFound) {
        fail(ErrorCode::kDamaged, "metadata " + quoted(key) + " is missing");
      } else if (!m_error) {
        m_error = std::move(value).error();
      }
      return 0;
    }
    if (*value < min || *value > max) {
      fail(ErrorCode::kDamaged, "metadata " + quoted(key) + " is " + std::to_string(*value) + ", outside " +
                                    std::to_string(min) + " to " + std::to_string(max));
      return 0;
    }
    return static_cast<int>(*value);
  }

  int optional_int(std::string_view key, std::int64_t min, std::int64_t max, int fallback) {
    return m_gguf.contains(key) ? demand_int(key, min, max) : fallback;
  }

  double optional_float(std::string_view key, double min, double max, double fallback) {
    if (!m_gguf.contains(key)) return fallback;
    auto value = m_gguf.get_float(key);
    if (!value) {
      if (!m_error) m_error = std::move(value).error();
      return fallback;
    }
    if (!(*value >= min && *value <= max)) {
      fail(ErrorCode::kDamaged, "metadata " + quoted(key) + " is " + std::to_string(*value) + ", outside " +
                                    std::to_string(min) + " to " + std::to_string(max));
      return fallback;
    }
    return *value;
  }

 private:
  const Gguf& m_gguf;
  std::optional<Error> m_error;
};

void demand_llama(ConfigReader& reader, const Gguf& gguf) {
  const auto architecture = gguf.get_string("general.architecture");
  if (!architecture) {
    reader.fail(ErrorCode::kDamaged, "metadata 'general.architecture' is missing or no string");
  } else if (*architecture != "llama") {
    reader.fail(ErrorCode::kUnsupported,
                "architecture " + quoted(*architecture) + " is not 'llama', the one this program runs");
  }
}

/// Variants that share the name "llama" but compute something else: refused rather than run wrongly.
void refuse_variants(ConfigReader& reader, const Gguf& gguf) {
  if (const auto scaling = gguf.get_string("llama.rope.scaling.type"); scaling && *scaling != "none") {
    reader.fail(ErrorCode::kUnsupported, "RoPE scaling " + quoted(*scaling) + " is not supported");
  } else if (!scaling && scaling.error().code != ErrorCode::kNotFound) {
    reader.fail(ErrorCode::kDamaged, "metadata 'llama.rope.scaling.type' is not a string");
  }
  for (const std::string_view key : {"llama.rope.scaling.factor", "llama.rope.scale_linear"}) {
    // Zero and one both mean "not scaled" in the files that carry these keys without a scaling type.
    const double factor = reader.optional_float(key, 0.0, 1e9, 1.0);
    if (factor != 1.0 && factor != 0.0 && !gguf.contains("llama.rope.scaling.type")) {
      reader.fail(ErrorCode::kUnsupported, "RoPE scaling by " + quoted(key) + " is not supported");
    }
  }
  for (const std::string_view key : {"llama.expert_count", "llama.attention.sliding_window"}) {
    if (reader.optional_int(key, 0, kMaxContextTokens, 0) != 0) {
      reader.fail(ErrorCode::kUnsupported,
                  "metadata " + quoted(key) + " asks for a feature this program does not run");
    }
  }
}

void read_heads(ConfigReader& reader, ModelConfig& config) {
  config.heads = reader.demand_int("llama.attention.head_count", 1, kMaxHeads);
  config.kv_heads = reader.optional_int("llama.attention.head_count_kv", 1, kMaxHeads, config.heads);
  if (!reader.ok()) return;
  if (config.heads % config.kv_heads != 0) {
    reader.fail(ErrorCode::kDamaged, "'llama.attention.head_count' " + std::to_string(config.heads) +
                                         " is not a multiple of 'llama.attention.head_count_kv' " +
                                         std::to_string(config.kv_heads));
    return;
  }
  config.head_dim = reader.optional_int("llama.attention.key_length", 1, kMaxHeadDim, 0);
  if (config.head_dim == 0) {
    config.head_dim = config.width / config.heads;
    if (reader.ok() && config.width % config.heads != 0) {
      reader.fail(ErrorCode::kDamaged, "'llama.embedding_length' " + std::to_string(config.width) +
                                           " is not a multiple of 'llama.attention.head_count' " +
                                           std::to_string(config.heads));
    }
  }
  if (config.head_dim < 2 || config.head_dim > kMaxHeadDim || config.head_dim % 2 != 0) {
    reader.fail(ErrorCode::kUnsupported, "the head size " + std::to_string(config.head_dim) +
                                             " is not an even number from 2 to " +
                                             std::to_string(kMaxHeadDim));
  }
  for (const std::string_view key : {"llama.attention.value_length", "llama.rope.dimension_count"}) {
    const int length = reader.optional_int(key, 1, kMaxHeadDim, config.head_dim);
    if (reader.ok() && length != config.head_dim) {
      reader.fail(ErrorCode::kUnsupported, quoted(key) + " " + std::to_string(length) +
                                               " differs from the head size " +
                                               std::to_string(config.head_dim));
    }
  }
}

void read_vocabulary(ConfigReader& reader, const Gguf& gguf, ModelConfig& config) {
  std::uint64_t size = 0;
  std::string_view source = "the token list";
  const auto tokens = gguf.metadata().find("tokenizer.ggml.tokens");
  const auto* array = tokens == gguf.metadata().end() ? nullptr : std::get_if<GgufArray>(&tokens->second);
  if (array != nullptr) {
    size = array->count;
  } else if (const GgufTensor* embedding = gguf.find_tensor("token_embd.weight");
             embedding != nullptr && embedding->shape.size() == 2) {
    source = "tensor 'token_embd.weight'";
    size = embedding->shape[1];
  } else {
    reader.fail(ErrorCode::kDamaged,
                "neither 'tokenizer.ggml.tokens' nor 'token_embd.weight' tells the vocabulary");
    return;
  }
  if (size < 2 || size > static_cast<std::uint64_t>(kMaxVocabulary)) {
    reader.fail(ErrorCode::kDamaged, "the vocabulary of " + std::to_string(size) + " by " +
                                         std::string(source) + " is outside 2 to " +
                                         std::to_string(kMaxVocabulary));
    return;
  }
  config.vocabulary = static_cast<int>(size);
  const int claimed = reader.optional_int("llama.vocab_size", 2, kMaxVocabulary, config.vocabulary);
  if (reader.ok() && claimed != config.vocabulary) {
    reader.fail(ErrorCode::kDamaged, "'llama.vocab_size' " + std::to_string(claimed) + " differs from the " +
                                         std::to_string(size) + " by " + std::string(source));
  }
}

}  // namespace

Result<ModelConfig> load_model_config(const Gguf& gguf) {
  ConfigReader reader(gguf);
  demand_llama(reader, gguf);
  // The keys of another architecture have other names: complaining about those would mislead.
  if (!reader.ok()) return reader.error();
  refuse_variants(reader, gguf);

  ModelConfig config;
  const auto name = gguf.get_string("general.name");
  config.name = name && !name->empty() ? *name : std::string_view("llama");
  config.layers = reader.demand_int("llama.block_count", 1, kMaxLayers);
  config.width = reader.demand_int("llama.embedding_length", 1, kMaxWidth);
  config.feed_forward = reader.demand_int("llama.feed_forward_length", 1, kMaxFeedForward);
  config.context_tokens = reader.demand_int("llama.context_length", 1, kMaxContextTokens);
  read_heads(reader, config);
  read_vocabulary(reader, gguf, config);
  config.rope_base = static_cast<float>(reader.optional_float("llama.rope.freq_base", 1.0, 1e12, 10000.0));
  // Without this key the epsilon is a guess, and a wrong guess makes a subtly wrong model.
  if (!gguf.contains("llama.attention.layer_norm_rms_epsilon")) {
    reader.fail(ErrorCode::kDamaged, "metadata 'llama.attention.layer_norm_rms_epsilon' is missing");
  }
  config.norm_epsilon =
      static_cast<float>(reader.optional_float("llama.attention.layer_norm_rms_epsilon", 1e-12, 0.1, 1e-5));
  if (!reader.ok()) return reader.error();
  return config;
}

}  // namespace fovea

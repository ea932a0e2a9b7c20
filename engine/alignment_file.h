// The alignment of one model pair, and its file: versioned JSON, one row of a matrix a line, so that people
// can read it and programs in any language load it. Loading is validation: a file may come from anyone. Plain
// values and pure functions; files of one name may be saved by several processes at once, the last one wins.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/result.h"

namespace fovea {

/// What `engine/layer_alignment` found for a pair. Heads are numbered layer * kv_heads + kv_head.
struct Alignment {
  std::string verifier_hash;  // content_hash of the model file: 32 lower-case hexadecimal digits
  std::string draft_hash;
  std::string verifier_name;
  std::string draft_name;
  int verifier_layers = 0;
  int verifier_kv_heads = 0;
  int draft_layers = 0;
  int draft_kv_heads = 0;

  std::string calibration;     // which text, in words
  int calibration_tokens = 0;  // its length
  int calibration_rows = 0;    // attention rows compared

  std::vector<int> layer_map;  // [verifier_layers]: a draft layer
  std::vector<int> head_map;   // [verifier_layers * verifier_kv_heads]: a draft head
  std::vector<float> mixture;  // [verifier_layers][draft_layers * draft_kv_heads]: non-negative weights
  std::vector<float>
      sensitivity;  // [verifier_layers]: divergence of the output when this layer alone is pruned
  std::vector<double> layer_cost;  // [verifier_layers][draft_layers], nats
  std::vector<double> head_cost;   // [verifier_layers * verifier_kv_heads][draft_layers * draft_kv_heads]
};

/// Reads and checks a file. Fails, naming the file and the field: kNotFound, kUnreadable, kDamaged (not JSON,
/// a field missing, of the wrong type or size, out of range; larger than 16 MiB), kUnsupported (a version
/// this program does not know). Whether the hashes are those of the models at hand is for the caller to
/// compare.
Result<Alignment> load_alignment(const std::string& path);

/// load_alignment of text already in memory; `path` names it in errors.
Result<Alignment> parse_alignment(std::string_view text, std::string_view path);

/// The file's text. Weights and costs are rounded to 6 significant digits; the alignment must be valid.
[[nodiscard]] std::string format_alignment(const Alignment& alignment);

/// Writes through a temporary file beside `path` that then takes its name, so that a reader sees the old file
/// or the new one and never a part; creates the folder. Fails with kInvalidArgument when load_alignment would
/// refuse the result, with kUnreadable and the system's reason when the folder or the file cannot be written.
Result<void> save_alignment(const std::string& path, const Alignment& alignment);

/// "0123456789abcdef-fedcba9876543210.json": the first 16 digits of both hashes.
[[nodiscard]] std::string alignment_file_name(std::string_view verifier_hash, std::string_view draft_hash);

}  // namespace fovea

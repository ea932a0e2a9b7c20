// An alignment file from a stranger. What is accepted must be safe to index by, and must survive a round trip
// through our own writer unchanged but for rounding.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/alignment_file.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void require_sizes(const fovea::Alignment& alignment) {
  const auto layers = static_cast<std::size_t>(alignment.verifier_layers);
  const auto heads = layers * static_cast<std::size_t>(alignment.verifier_kv_heads);
  const auto draft_layers = static_cast<std::size_t>(alignment.draft_layers);
  const auto draft_heads = draft_layers * static_cast<std::size_t>(alignment.draft_kv_heads);
  require(alignment.layer_map.size() == layers && alignment.head_map.size() == heads);
  require(alignment.mixture.size() == layers * draft_heads);
  require(alignment.layer_cost.size() == layers * draft_layers);
  require(alignment.head_cost.size() == heads * draft_heads);
  for (const int layer : alignment.layer_map) require(static_cast<std::size_t>(layer) < draft_layers);
  for (const int head : alignment.head_map) require(static_cast<std::size_t>(head) < draft_heads);
  for (const float weight : alignment.mixture) require(weight >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto alignment = fovea::parse_alignment(text, "fuzz.json");
  if (!alignment) {
    require(!alignment.error().message.empty() && !alignment.error().remedy.empty());
    return 0;
  }
  require_sizes(*alignment);
  const std::string written = fovea::format_alignment(*alignment);
  const auto again = fovea::parse_alignment(written, "again.json");
  require(again.ok() && fovea::format_alignment(*again) == written);
  return 0;
}

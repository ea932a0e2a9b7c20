#include "engine/alignment_store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <spdlog/spdlog.h>

#include "engine/alignment_search.h"
#include "engine/calibration.h"
#include "engine/layer_alignment.h"

namespace fovea {
namespace {

Result<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad() || text.empty()) {
    return Error{ErrorCode::kUnreadable, "The calibration text " + path + " cannot be read.",
                 "Install Fovea again, or choose the mode dense or speculative."};
  }
  return text;
}

}  // namespace

std::vector<std::string> search_folders(const AlignmentOptions& options) {
  std::vector<std::string> folders;
  if (!options.cache_folder.empty()) folders.push_back(options.cache_folder);
  folders.insert(folders.end(), options.folders.begin(), options.folders.end());
  return folders;
}

bool AlignmentStore::find() {
  Result<FoundAlignment> found =
      find_alignment(search_folders(m_options), m_verifier.gguf(), m_draft.gguf(), m_logger.get());
  if (!found) return false;
  m_alignment = std::move(found->alignment);
  return true;
}

Result<const Alignment*> AlignmentStore::get(const Tokenizer& tokenizer,
                                             const std::function<void(double)>& on_progress,
                                             const std::stop_token& stop) {
  if (m_alignment || find()) return &*m_alignment;
  if (m_options.text_path.empty()) {
    return Error{ErrorCode::kNotFound, "There is no alignment of these two models.",
                 "Compute one with 'fovea-cli align', or choose the mode dense or speculative."};
  }
  const Result<std::string> text = read_text(m_options.text_path);
  if (!text) return text.error();
  std::vector<TokenId> ids = tokenizer.encode(*text);
  if (tokenizer.begin_id() >= 0) ids.insert(ids.begin(), tokenizer.begin_id());
  return compute(ids, std::filesystem::path(m_options.text_path).filename().string(), on_progress, stop);
}

Result<const Alignment*> AlignmentStore::compute(std::span<const TokenId> ids, const std::string& description,
                                                 const std::function<void(double)>& on_progress,
                                                 const std::stop_token& stop) {
  Result<Alignment> computed = align(m_verifier, m_draft, m_backend, ids, description, on_progress, stop);
  if (!computed) return computed.error();
  m_alignment = std::move(computed).value();
  // One made in a short context would serve longer ones badly, later: it is good for this session alone.
  const std::size_t whole =
      std::min(ids.size(), static_cast<std::size_t>(m_verifier.config().context_tokens));
  const bool cut = static_cast<std::size_t>(m_alignment->calibration_tokens) < whole;
  if (!m_options.cache_folder.empty() && !cut) {
    const std::string name = alignment_file_name(m_alignment->verifier_hash, m_alignment->draft_hash);
    const Result<void> saved = save_alignment(m_options.cache_folder + "/" + name, *m_alignment);
    if (!saved && m_logger) m_logger->warn("the alignment was not kept: {}", saved.error().to_string());
  }
  return &*m_alignment;
}

std::vector<float> source_weights(const Alignment& alignment, AlignmentMap map) {
  const auto draft_layers = static_cast<std::size_t>(alignment.draft_layers);
  const auto draft_kv_heads = static_cast<std::size_t>(alignment.draft_kv_heads);
  switch (map) {
    case AlignmentMap::kMixture:
      break;
    case AlignmentMap::kHead:
      return head_map_mixture(alignment.head_map, static_cast<std::size_t>(alignment.verifier_kv_heads),
                              draft_layers * draft_kv_heads);
    case AlignmentMap::kLayer:
      return layer_map_mixture(alignment.layer_map, draft_layers, draft_kv_heads);
  }
  return alignment.mixture;
}

}  // namespace fovea

// AlignmentStore: the alignment of one loaded pair, found in a file, or computed once and kept in one. Owned
// by a session; borrows its decoders. One thread at a time.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/alignment_file.h"
#include "engine/decoder.h"
#include "engine/options.h"
#include "engine/result.h"
#include "engine/tokenizer.h"

namespace spdlog {
class logger;
}

namespace fovea {

/// Where the alignment of a pair comes from, which the draft's attention needs to speak for the verifier's
/// layers. It is looked for by the content of both models, and where nobody has it, it is computed from the
/// text when a turn first asks for it, and kept. One that was computed here goes before one that was shipped:
/// somebody asked for it.
struct AlignmentOptions {
  std::vector<std::string> folders;  // searched in order
  std::string cache_folder;          // searched first, and written; empty: nothing is kept
  std::string text_path;             // calibration text; empty: nothing is computed
};

/// In the order in which they are searched.
[[nodiscard]] std::vector<std::string> search_folders(const AlignmentOptions& options);

class AlignmentStore {
 public:
  AlignmentStore(AlignmentOptions options, Decoder& verifier, Decoder& draft, Backend& backend,
                 std::shared_ptr<spdlog::logger> logger)
      : m_options(std::move(options)),
        m_verifier(verifier),
        m_draft(draft),
        m_backend(backend),
        m_logger(std::move(logger)) {}

  /// As found, or computed from the calibration text and kept. Fails with kCancelled, or where there is no
  /// text.
  Result<const Alignment*> get(const Tokenizer& tokenizer, const std::function<void(double)>& on_progress,
                               const std::stop_token& stop);
  /// Computes it anew from `ids` and keeps it. A cache that cannot be written is logged, not an error.
  Result<const Alignment*> compute(std::span<const TokenId> ids, const std::string& description,
                                   const std::function<void(double)>& on_progress,
                                   const std::stop_token& stop);

 private:
  [[nodiscard]] bool find();

  AlignmentOptions m_options;
  Decoder& m_verifier;
  Decoder& m_draft;
  Backend& m_backend;
  std::shared_ptr<spdlog::logger> m_logger;
  std::optional<Alignment> m_alignment;
};

/// [verifier layers][draft sources]: how much each source of the draft counts, by the map that is asked for.
[[nodiscard]] std::vector<float> source_weights(const Alignment& alignment, AlignmentMap map);

}  // namespace fovea

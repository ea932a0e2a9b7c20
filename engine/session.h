// Session: a loaded model pair ready to answer. It owns the verifier, the draft, their KV caches and the
// tokenizer, and keeps the KV prefix of the last conversation, so that a follow-up question prefills only
// what is new. One thread at a time may call it; creation and turns are slow and belong on a worker thread.
// Callbacks run on the calling thread, inside the call.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/alignment_store.h"
#include "engine/backend_kind.h"
#include "engine/chat_template.h"
#include "engine/evaluation.h"
#include "engine/options.h"
#include "engine/replay.h"
#include "engine/result.h"
#include "engine/telemetry.h"

namespace spdlog {
class logger;
}

namespace fovea {

class Model;
class Tokenizer;

struct SessionOptions {
  std::string verifier_path;  // GGUF
  std::string draft_path;     // GGUF; empty: no draft, only mode dense
  BackendKind backend = BackendKind::kAuto;
  int threads = 0;         // 0: one per physical core that this process may use
  int context_tokens = 0;  // KV capacity; 0: what the model was trained for
  AlignmentOptions alignment;
  std::shared_ptr<spdlog::logger> logger;  // may be null: silent
};

/// Names and sizes a window or `--json` shows about a loaded session.
struct SessionInfo {
  std::string verifier_name;
  std::string draft_name;      // empty without a draft
  std::string backend;         // "cpu" or "cuda"
  std::string backend_reason;  // why this backend was picked
  std::string device;          // e.g. the SIMD target or the GPU's name
  int threads = 0;
  int context_tokens = 0;
  int verifier_layers = 0;
  std::int64_t kv_entry_bytes = 0;          // one position of one layer of the verifier's cache
  std::int64_t verifier_weights_bytes = 0;  // of weights_bytes
  std::int64_t weights_bytes = 0;
  std::int64_t kv_cache_bytes = 0;
};

enum class FinishReason {
  kEndOfText,    // the model ended its answer
  kMaxTokens,    // GenerationOptions::max_tokens reached
  kContextFull,  // no room left, and no older turn to drop
  kCancelled,    // the stop token was set
};
[[nodiscard]] std::string_view to_string(FinishReason reason);

/// Callbacks of one turn; each may be empty. `on_text` gets complete UTF-8 only, in order; the pieces
/// concatenate to TurnResult::text.
struct TurnObserver {
  std::function<void(double fraction)> on_alignment;  // the pair is being aligned, once
  std::function<void(int done_tokens, int total_tokens)> on_prefill;
  std::function<void(std::string_view text)> on_text;
  std::function<void(const StepTelemetry& step)> on_step;
  std::function<void(int dropped_messages)> on_context_dropped;
  /// The tokens that the answer follows; again where turns are dropped in the middle of an answer.
  std::function<void(std::span<const TokenId> prompt)> on_prompt;
  /// After each step's on_step: all reads of the turn so far.
  std::function<void(const ReadMap& reads)> on_reads;
};

struct TurnResult {
  FinishReason reason = FinishReason::kEndOfText;
  std::string text;
  std::vector<TokenId> token_ids;
  TurnStatistics statistics;
  std::uint64_t seed = 0;  // that was drawn with: asked for again, it repeats the answer of an exact mode
  int dropped_messages =
      0;  // how many of the oldest messages (never the system prompt) the model did not see
};

class Session {
 public:
  /// Loads both models. `on_progress` gets 0 .. 1 and a word about the stage. Fails with an Error that names
  /// the file and what is wrong with it; with kCancelled when `stop` is set.
  static Result<std::unique_ptr<Session>> create(
      const SessionOptions& options, const std::function<void(double, std::string_view)>& on_progress,
      std::stop_token stop);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const SessionInfo& info() const;
  [[nodiscard]] const Tokenizer& tokenizer() const;
  [[nodiscard]] bool has_draft() const;

  /// Answers the last message of a conversation. Older turns are dropped, whole and oldest first, when the
  /// context does not hold them; the system prompt (a leading system message) stays. Mid-answer too: a long
  /// answer drops turns and goes on. Fails when the newest message alone does not fit.
  Result<TurnResult> chat(std::span<const ChatMessage> messages, const GenerationOptions& options,
                          const TurnObserver& observer, std::stop_token stop);

  /// Continues raw token ids (no template). `ids` must hold at least one token and fit the context.
  Result<TurnResult> generate(std::span<const TokenId> ids, const GenerationOptions& options,
                              const TurnObserver& observer, std::stop_token stop);

  /// Logits [vocabulary] of the position after `ids`, by the verifier, dense.
  Result<std::vector<float>> logits(std::span<const TokenId> ids);

  /// How well the verifier predicts ids[scored_from ..] given all before them, reading what `options` say
  /// (see engine/evaluation). `ids` must fit the context; 1 <= scored_from < ids.size(). Sparse scoring with
  /// the selector kDraft needs a draft.
  Result<TextScore> score(std::span<const TokenId> ids, int scored_from, const ScoringOptions& options,
                          std::stop_token stop);

  /// What the verifier alone makes of an answer (see engine/replay). Prompt and answer must fit the context,
  /// and hold tokens of this vocabulary. Fails with kCancelled when `stop` is set.
  Result<Replay> replay(const ReplayRequest& request, const std::function<void(double)>& on_progress,
                        std::stop_token stop);

  /// The alignment of the loaded pair: as found, or computed and kept. Fails without a draft, without a text,
  /// or with kCancelled.
  Result<Alignment> alignment(const std::function<void(double)>& on_progress, std::stop_token stop);
  /// Computes it anew from `ids` and keeps it.
  Result<Alignment> align(std::span<const TokenId> ids, const std::string& description,
                          const std::function<void(double)>& on_progress, std::stop_token stop);

 private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

}  // namespace fovea

// One answer: prefill, then steps until the model ends it, a limit is reached, the context is full or
// somebody stops it. Keeps the sequence, the text that is complete so far and the statistics; reports to the
// observer inside run(). Lives on the stack of a Session call; borrows the decoders. One thread.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/controller.h"
#include "engine/decoder.h"
#include "engine/draft.h"
#include "engine/exact.h"
#include "engine/pair_reading.h"
#include "engine/sampler.h"
#include "engine/session.h"
#include "engine/speculative.h"
#include "engine/tokenizer.h"

namespace fovea {

class Turn {
 public:
  /// What differs between a chat's answer and the continuation of a raw text.
  enum class Kind {
    kChat,  // the answer's leading space, an artefact of the tokenizer, is left out
    kRaw,
  };

  /// The loaded models a turn works with.
  struct Models {
    Backend& backend;
    Decoder& verifier;
    Decoder* draft;        // null: mode dense only
    PairReading* reading;  // null: mode dense only
  };

  Turn(Models models, const Tokenizer& tokenizer, const GenerationOptions& options,
       const TurnObserver& observer, std::stop_token stop, Kind kind);

  /// Answers `prompt`, or goes on with the answer so far after another prompt (when turns were dropped
  /// meanwhile). Returns why it ended; kContextFull may be followed by another run() with a shorter prompt.
  /// Fails only where the backend does.
  Result<FinishReason> run(const std::vector<TokenId>& prompt);

  [[nodiscard]] int generated_tokens() const { return static_cast<int>(m_result.token_ids.size()); }
  /// The answer with its statistics; the end of it.
  TurnResult finish(FinishReason reason);

 private:
  void prepare_mode();
  /// Only mode sparse builds on what sparse passes wrote.
  [[nodiscard]] Reuse reuse() const { return m_options.mode == Mode::kSparse ? Reuse::kAny : Reuse::kDense; }
  Result<void> prefill();
  void step(int room);
  void account(const StepTelemetry& step);
  std::optional<FinishReason> take_new_tokens(std::size_t from);
  void emit(std::string_view text);

  Models m_models;
  const Tokenizer& m_tokenizer;
  const GenerationOptions& m_options;
  const TurnObserver& m_observer;
  std::stop_token m_stop;
  Kind m_kind;
  Sampler m_sampler;
  // What the mode needs; made by the first run().
  std::optional<Draft> m_draft;
  std::optional<Speculative> m_speculative;
  std::optional<Exact> m_exact;
  Controller m_controller;
  std::vector<StepTelemetry> m_passes;  // of the step in hand
  std::vector<TokenId> m_sequence;      // prompt and answer
  Utf8Stream m_utf8;
  TurnResult m_result;
  double m_begin_seconds;
};

}  // namespace fovea

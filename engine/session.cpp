#include "engine/session.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <spdlog/spdlog.h>

#include "engine/backend_choice.h"
#include "engine/context_window.h"
#include "engine/decoder.h"
#include "engine/layer_alignment.h"
#include "engine/memory_plan.h"
#include "engine/model_pair.h"
#include "engine/pair_reading.h"
#include "engine/tokenizer.h"
#include "engine/turn.h"

namespace fovea {
namespace {

constexpr int kMinContextTokens = 64;
constexpr int kMaxContextTokens = 1 << 20;

// Before the first gigabyte is on its way.
Result<void> check_device(const SessionOptions& options, const Backend& backend, std::size_t available) {
  std::vector<ModelMemory> models;
  auto context = static_cast<std::size_t>(options.context_tokens);
  for (const auto& [name, path] :
       {std::pair("verifier", options.verifier_path), std::pair("draft", options.draft_path)}) {
    if (path.empty()) continue;
    Result<ModelMemory> memory = model_memory(name, path, backend, context);
    if (!memory) return memory.error();
    context = memory->positions;  // the draft's cache is as long as the verifier's
    models.push_back(std::move(memory).value());
  }
  return check_memory(models, available);
}

Error no_pair() {
  return Error{ErrorCode::kInvalidArgument, "An alignment belongs to two models, and no draft is loaded.",
               "Choose a draft."};
}

// What a lost device computed is no score.
Result<TextScore> finished_score(Result<TextScore> score, const Backend& backend) {
  if (Result<void> sound = backend.status(); !sound) return sound.error();
  return score;
}

// A turn that is stopped before it began ends like one that is stopped later.
Result<TurnResult> stopped_or(const Error& error) {
  if (error.code != ErrorCode::kCancelled) return error;
  TurnResult result;
  result.reason = FinishReason::kCancelled;
  return result;
}

}  // namespace

std::string_view to_string(FinishReason reason) {
  switch (reason) {
    case FinishReason::kEndOfText:
      return "end_of_text";
    case FinishReason::kMaxTokens:
      return "max_tokens";
    case FinishReason::kContextFull:
      return "context_full";
    case FinishReason::kCancelled:
      return "cancelled";
  }
  return "end_of_text";
}

struct Session::Impl {
  std::unique_ptr<Backend> backend;  // outlives what follows
  std::unique_ptr<Decoder> verifier;
  std::unique_ptr<Decoder> draft;            // may be null
  std::optional<AlignmentStore> alignments;  // of a pair
  std::unique_ptr<PairReading> reading;      // of the last turn that had one
  std::optional<Tokenizer> tokenizer;
  Result<ChatTemplate> chat_template = Error{};
  SessionInfo info;
  std::shared_ptr<spdlog::logger> logger;
  int last_dropped = 0;  // messages the last chat() left out: see fit()

  Result<void> load(const SessionOptions& options,
                    const std::function<void(double, std::string_view)>& on_progress, std::stop_token stop);
  void describe(const SessionOptions& options, std::string backend_reason);
  Result<void> check_request(const GenerationOptions& options) const;
  Result<void> check_ids(std::span<const TokenId> ids) const;
  /// What both models read under these options: kept from the last turn, or made.
  Result<PairReading*> reading_for(const SparsityOptions& options, int draft_tokens,
                                   PairReading::Verifier reads,
                                   const std::function<void(double)>& on_progress,
                                   const std::stop_token& stop);
  /// What a turn in this mode works with; computes the pair's alignment where it needs one and none is kept.
  Result<Turn::Models> models(const GenerationOptions& options,
                              const std::function<void(double)>& on_progress, const std::stop_token& stop);
  Result<SelectorInputs> selector_inputs(const SparsityOptions& options,
                                         const std::function<void(double)>& on_progress,
                                         const std::stop_token& stop);
  Result<FittedPrompt> fit(std::span<const ChatMessage> messages, const GenerationOptions& options);
};

Result<void> Session::Impl::load(const SessionOptions& options,
                                 const std::function<void(double, std::string_view)>& on_progress,
                                 std::stop_token stop) {
  if (options.context_tokens != 0 &&
      (options.context_tokens < kMinContextTokens || options.context_tokens > kMaxContextTokens)) {
    return Error{ErrorCode::kInvalidArgument,
                 "The context length is " + std::to_string(options.context_tokens) +
                     " tokens; it must lie between " + std::to_string(kMinContextTokens) + " and " +
                     std::to_string(kMaxContextTokens) + ".",
                 "0 takes what the model was trained for."};
  }
  Result<ChosenBackend> chosen = choose_backend(options.backend, options.threads);
  if (!chosen) return chosen.error();
  backend = std::move(chosen->backend);

  // The draft is small: it gets the last tenth of the bar.
  const auto stage = [&](double from, double to, std::string_view name) {
    return [&on_progress, from, to, name](double fraction) {
      if (on_progress) on_progress(from + (to - from) * fraction, name);
    };
  };
  if (on_progress) on_progress(0.0, "Opening the model");
  if (const std::optional<std::size_t> available = backend->free_memory()) {
    if (Result<void> fits = check_device(options, *backend, *available); !fits) return fits;
  }
  auto opened =
      Decoder::open(options.verifier_path, *backend, static_cast<std::size_t>(options.context_tokens),
                    stage(0.0, options.draft_path.empty() ? 1.0 : 0.9, "Loading the verifier"), stop);
  if (!opened) return opened.error();
  verifier = std::move(opened).value();
  Result<Tokenizer> vocabulary = Tokenizer::from_gguf(verifier->gguf());
  if (!vocabulary) return vocabulary.error();
  tokenizer.emplace(std::move(vocabulary).value());
  chat_template = ChatTemplate::create(*tokenizer);

  if (!options.draft_path.empty()) {
    opened = Decoder::open(options.draft_path, *backend, verifier->capacity(),
                           stage(0.9, 1.0, "Loading the draft"), stop);
    if (!opened) return opened.error();
    draft = std::move(opened).value();
    if (Result<void> fits = check_pair(verifier->gguf(), draft->gguf()); !fits) return fits;
    alignments.emplace(options.alignment, *verifier, *draft, *backend, logger);
  }
  describe(options, std::move(chosen->reason));
  return {};
}

void Session::Impl::describe(const SessionOptions& options, std::string backend_reason) {
  info.verifier_name = verifier->config().name;
  info.draft_name = draft ? draft->config().name : "";
  info.backend = backend->name();
  info.backend_reason = std::move(backend_reason);
  info.device = backend->device();
  info.threads = backend->threads();
  info.context_tokens = static_cast<int>(verifier->capacity());
  info.verifier_layers = verifier->config().layers;
  info.verifier_weights_bytes = static_cast<std::int64_t>(verifier->weights_bytes());
  const std::size_t entries = verifier->capacity() * static_cast<std::size_t>(verifier->config().layers);
  info.kv_entry_bytes =
      static_cast<std::int64_t>(KvCache::bytes(*backend, verifier->config(), verifier->capacity()) / entries);
  for (const Decoder* decoder : {verifier.get(), draft.get()}) {
    if (decoder == nullptr) continue;
    info.weights_bytes += static_cast<std::int64_t>(decoder->weights_bytes());
    info.kv_cache_bytes +=
        static_cast<std::int64_t>(KvCache::bytes(decoder->backend(), decoder->config(), decoder->capacity()));
  }
  if (logger) {
    logger->info("loaded {} ({}) on {} ({}), {} threads, context {}", options.verifier_path,
                 info.verifier_name, info.backend, info.device, info.threads, info.context_tokens);
  }
}

Result<void> Session::Impl::check_request(const GenerationOptions& options) const {
  if (Result<void> valid = validate(options); !valid) return valid;
  if (options.mode != Mode::kDense && draft == nullptr) {
    return Error{
        ErrorCode::kInvalidArgument,
        "The mode " + std::string(to_string(options.mode)) + " needs a draft model, and none is loaded.",
        "Choose a draft, or the mode dense."};
  }
  return {};
}

Result<void> Session::Impl::check_ids(std::span<const TokenId> ids) const {
  if (ids.empty())
    return Error{ErrorCode::kInvalidArgument, "The prompt is empty.", "Give at least one token."};
  if (ids.size() > verifier->capacity()) {
    return Error{ErrorCode::kInvalidArgument,
                 "The prompt has " + std::to_string(ids.size()) + " tokens, and the context holds " +
                     std::to_string(verifier->capacity()) + ".",
                 "Shorten it, or choose a longer context."};
  }
  const auto outside = std::find_if(
      ids.begin(), ids.end(), [this](TokenId id) { return id < 0 || id >= verifier->config().vocabulary; });
  if (outside != ids.end()) {
    return Error{ErrorCode::kInvalidArgument,
                 "Token id " + std::to_string(*outside) + " is outside the vocabulary of " +
                     std::to_string(verifier->config().vocabulary) + " tokens.",
                 ""};
  }
  return {};
}

Result<SelectorInputs> Session::Impl::selector_inputs(const SparsityOptions& options,
                                                      const std::function<void(double)>& on_progress,
                                                      const std::stop_token& stop) {
  SelectorInputs inputs;
  if (options.selector != SelectorKind::kDraft || !alignments) return inputs;
  const Result<const Alignment*> alignment = alignments->get(*tokenizer, on_progress, stop);
  if (!alignment) return alignment.error();
  inputs.weights = source_weights(**alignment, options.map);
  inputs.leniency = layer_leniency((*alignment)->sensitivity);
  return inputs;
}

Result<PairReading*> Session::Impl::reading_for(const SparsityOptions& options, int draft_tokens,
                                                PairReading::Verifier reads,
                                                const std::function<void(double)>& on_progress,
                                                const std::stop_token& stop) {
  if (reading && reading->serves(options, draft_tokens, reads)) return reading.get();
  reading.reset();  // its memory may be what the next one needs
  SelectorInputs inputs;
  if (reads == PairReading::Verifier::kReadsSelected) {
    Result<SelectorInputs> found = selector_inputs(options, on_progress, stop);
    if (!found) return found.error();
    inputs = std::move(found).value();
  }
  auto made =
      PairReading::create(*backend, *verifier, draft.get(), options, draft_tokens, reads, std::move(inputs));
  if (!made) return made.error();
  reading = std::move(made).value();
  return reading.get();
}

Result<Turn::Models> Session::Impl::models(const GenerationOptions& options,
                                           const std::function<void(double)>& on_progress,
                                           const std::stop_token& stop) {
  Turn::Models models{*backend, *verifier, options.mode == Mode::kDense ? nullptr : draft.get(), nullptr};
  if (options.mode == Mode::kDense) return models;
  const auto reads = options.mode == Mode::kSpeculative ? PairReading::Verifier::kReadsEverything
                                                        : PairReading::Verifier::kReadsSelected;
  const Result<PairReading*> found =
      reading_for(options.sparsity, options.draft_tokens, reads, on_progress, stop);
  if (!found) return found.error();
  models.reading = *found;
  return models;
}

// Leaves a quarter of the context to the answer, or what it may take at most if that is less. Once turns were
// dropped, the same ones stay dropped while that still fits: the KV cache then holds the rest of the
// conversation already.
Result<FittedPrompt> Session::Impl::fit(std::span<const ChatMessage> messages,
                                        const GenerationOptions& options) {
  const auto capacity = static_cast<int>(verifier->capacity());
  const int reserve = std::min(options.max_tokens, capacity / 4);
  const auto budget = static_cast<std::size_t>(capacity - reserve);
  Result<FittedPrompt> prompt = fit_prompt(*chat_template, *tokenizer, messages, budget, 0);
  if (prompt && prompt->dropped > 0 && last_dropped > 0) {
    Result<FittedPrompt> again = fit_prompt(*chat_template, *tokenizer, messages, budget, last_dropped);
    // Shared up to the newest question at least: it is the same conversation.
    if (again && again->dropped == last_dropped &&
        verifier->cache().matching_prefix(again->ids) * 2 > again->ids.size()) {
      prompt = std::move(again);
    }
  }
  if (prompt) last_dropped = prompt->dropped;
  return prompt;
}

Session::Session(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::create(
    const SessionOptions& options, const std::function<void(double, std::string_view)>& on_progress,
    std::stop_token stop) {
  auto impl = std::make_unique<Impl>();
  impl->logger = options.logger;
  if (Result<void> loaded = impl->load(options, on_progress, std::move(stop)); !loaded) {
    if (impl->logger) impl->logger->error("loading failed: {}", loaded.error().to_string());
    return loaded.error();
  }
  return std::unique_ptr<Session>(new Session(std::move(impl)));
}

const SessionInfo& Session::info() const {
  return m_impl->info;
}
const Tokenizer& Session::tokenizer() const {
  return *m_impl->tokenizer;
}
bool Session::has_draft() const {
  return m_impl->draft != nullptr;
}

Result<TurnResult> Session::chat(std::span<const ChatMessage> messages, const GenerationOptions& options,
                                 const TurnObserver& observer, std::stop_token stop) {
  Impl& impl = *m_impl;
  if (Result<void> valid = impl.check_request(options); !valid) return valid.error();
  if (!impl.chat_template) return impl.chat_template.error();
  Result<FittedPrompt> prompt = impl.fit(messages, options);
  if (!prompt) return prompt.error();
  if (prompt->dropped > 0 && observer.on_context_dropped) observer.on_context_dropped(prompt->dropped);

  Result<Turn::Models> models = impl.models(options, observer.on_alignment, stop);
  if (!models) return stopped_or(models.error());
  Turn turn(std::move(models).value(), *impl.tokenizer, options, observer, stop, Turn::Kind::kChat);
  Result<FinishReason> reason = turn.run(prompt->ids);
  // A long answer that meets the end of the context pushes out the oldest turns and goes on.
  while (reason && *reason == FinishReason::kContextFull) {
    const std::size_t room = impl.verifier->capacity() - static_cast<std::size_t>(turn.generated_tokens());
    Result<FittedPrompt> shorter =
        fit_prompt(*impl.chat_template, *impl.tokenizer, messages,
                   room - std::min(room, impl.verifier->capacity() / 8), prompt->dropped + 1);
    if (!shorter || shorter->dropped <= prompt->dropped) break;
    prompt = std::move(shorter);
    impl.last_dropped = prompt->dropped;
    if (observer.on_context_dropped) observer.on_context_dropped(prompt->dropped);
    reason = turn.run(prompt->ids);
  }
  if (!reason) return reason.error();
  TurnResult result = turn.finish(*reason);
  result.dropped_messages = prompt->dropped;
  return result;
}

Result<TurnResult> Session::generate(std::span<const TokenId> ids, const GenerationOptions& options,
                                     const TurnObserver& observer, std::stop_token stop) {
  Impl& impl = *m_impl;
  if (Result<void> valid = impl.check_request(options); !valid) return valid.error();
  if (Result<void> valid = impl.check_ids(ids); !valid) return valid.error();
  Result<Turn::Models> models = impl.models(options, observer.on_alignment, stop);
  if (!models) return stopped_or(models.error());
  Turn turn(std::move(models).value(), *impl.tokenizer, options, observer, stop, Turn::Kind::kRaw);
  Result<FinishReason> reason = turn.run(std::vector<TokenId>(ids.begin(), ids.end()));
  if (!reason) return reason.error();
  return turn.finish(*reason);
}

Result<std::vector<float>> Session::logits(std::span<const TokenId> ids) {
  if (Result<void> valid = m_impl->check_ids(ids); !valid) return valid.error();
  const std::span<const float> logits = m_impl->verifier->decode_to_host(ids, 1);
  if (Result<void> sound = m_impl->backend->status(); !sound) return sound.error();
  return std::vector<float>(logits.begin(), logits.end());
}

Result<TextScore> Session::score(std::span<const TokenId> ids, int scored_from, const ScoringOptions& options,
                                 std::stop_token stop) {
  Impl& impl = *m_impl;
  if (Result<void> valid = impl.check_ids(ids); !valid) return valid.error();
  const int count = static_cast<int>(ids.size());
  if (scored_from < 1 || scored_from >= count) {
    return Error{ErrorCode::kInvalidArgument,
                 "There is nothing to score: " + std::to_string(count) + " tokens, scored from position " +
                     std::to_string(scored_from) + ".",
                 "Give a longer text."};
  }
  GenerationOptions limits;
  limits.sparsity = options.sparsity;
  limits.draft_tokens = options.draft_tokens;
  if (Result<void> valid = validate(limits); !valid) return valid.error();
  const auto from = static_cast<std::size_t>(scored_from);
  if (options.mode != Mode::kSparse) {
    return finished_score(score_text(*impl.verifier, nullptr, nullptr, nullptr, ids, from, options,
                                     *impl.backend, std::move(stop)),
                          *impl.backend);
  }
  const bool drafts = options.sparsity.selector == SelectorKind::kDraft;
  if (drafts && impl.draft == nullptr) {
    return Error{ErrorCode::kInvalidArgument, "Selecting by the draft's attention needs a draft model.",
                 "Choose a draft, or another selector."};
  }
  const Result<PairReading*> reading = impl.reading_for(options.sparsity, options.draft_tokens,
                                                        PairReading::Verifier::kReadsSelected, nullptr, stop);
  if (!reading) return reading.error();
  (*reading)->selector()->begin_turn();
  return finished_score(
      score_text(*impl.verifier, drafts ? impl.draft.get() : nullptr, drafts ? (*reading)->draft() : nullptr,
                 (*reading)->selector(), ids, from, options, *impl.backend, std::move(stop)),
      *impl.backend);
}

Result<Replay> Session::replay(const ReplayRequest& request, const std::function<void(double)>& on_progress,
                               std::stop_token stop) {
  Impl& impl = *m_impl;
  GenerationOptions options;
  options.sampling = request.sampling;
  if (Result<void> valid = validate(options); !valid) return valid.error();
  std::vector<TokenId> text = request.prompt;
  text.insert(text.end(), request.answer.begin(), request.answer.end());
  if (request.prompt.empty() || request.answer.empty()) {
    return Error{ErrorCode::kInvalidArgument, "There is no answer to replay.", ""};
  }
  text.pop_back();  // nothing is asked of the model after it where the context is full
  if (Result<void> valid = impl.check_ids(text); !valid) return valid.error();
  if (Result<void> valid = impl.check_ids(request.answer); !valid) return valid.error();
  return replay_answer(*impl.verifier, impl.draft.get(), impl.tokenizer->end_id(), request, on_progress,
                       stop);
}

Result<Alignment> Session::alignment(const std::function<void(double)>& on_progress, std::stop_token stop) {
  if (!m_impl->alignments) return no_pair();
  const Result<const Alignment*> found = m_impl->alignments->get(*m_impl->tokenizer, on_progress, stop);
  if (!found) return found.error();
  return **found;
}

Result<Alignment> Session::align(std::span<const TokenId> ids, const std::string& description,
                                 const std::function<void(double)>& on_progress, std::stop_token stop) {
  if (!m_impl->alignments) return no_pair();
  m_impl->reading.reset();  // it was made by the alignment that goes
  const Result<const Alignment*> computed = m_impl->alignments->compute(ids, description, on_progress, stop);
  if (!computed) return computed.error();
  return **computed;
}

}  // namespace fovea

#include "app/cli/model_options.h"

#include <filesystem>
#include <string_view>

#include "app/cli/terminal.h"
#include "app/paths.h"
#include "engine/gguf.h"

namespace fovea::app::cli {
namespace {

constexpr std::string_view kNoDraft = "none";
constexpr int kThreadsMax = 1024;
constexpr int kContextTokensMax = 1 << 20;

Result<std::string> asUtf8(const Result<QString>& path) {
  if (!path) return path.error();
  return path->toStdString();
}

Result<void> demandFile(const std::string& path, const char* option) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) {
    return Error{ErrorCode::kNotFound, std::string(option) + ": there is no file '" + path + "'.", ""};
  }
  if (std::filesystem::is_directory(status)) {
    return Error{ErrorCode::kUnreadable,
                 std::string(option) + ": '" + path + "' is a folder, not a model file.", ""};
  }
  return {};
}

// A draft proposes token ids, so both models must mean the same by them.
Result<bool> sharesVocabulary(const std::string& verifier, const std::string& draft) {
  constexpr std::string_view kTokens = "tokenizer.ggml.tokens";
  const auto verifierFile = Gguf::open(verifier);
  if (!verifierFile) return verifierFile.error();
  const auto draftFile = Gguf::open(draft);
  if (!draftFile) return draftFile.error();
  const auto verifierTokens = verifierFile->get_strings(kTokens);
  const auto draftTokens = draftFile->get_strings(kTokens);
  return verifierTokens.ok() && draftTokens.ok() && *verifierTokens == *draftTokens;
}

// The draft's path, or an empty string for none.
Result<std::string> draftPath(const ModelOptions& options, const std::string& verifier) {
  if (options.draft == kNoDraft) return std::string();
  if (!options.draft.empty()) {
    if (auto found = demandFile(options.draft, "--draft"); !found) return found.error();
    return options.draft;
  }
  auto embedded = asUtf8(embeddedDraftPath());
  if (options.model.empty()) return embedded;
  if (!embedded) return std::string();
  const auto fits = sharesVocabulary(verifier, *embedded);
  if (!fits) return fits.error();
  return *fits ? *embedded : std::string();
}

}  // namespace

void addModelOptions(CLI::App& command, ModelOptions& options) {
  const char* group = "Model";
  command.add_option("--model", options.model, "GGUF file of the model (default: the embedded one)")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--draft", options.draft,
                  "GGUF file of the draft, or 'none' (default: the embedded one where it fits)")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--threads", options.threads, "Threads of the CPU (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(0, kThreadsMax).description(""))
      ->group(group);
  command.add_option("--backend", options.backend, "Where to compute: cpu, cuda or auto (the default)")
      ->type_name("NAME")
      ->check(CLI::IsMember({"cpu", "cuda", "auto"}).description(""))
      ->group(group);
  command
      .add_option("--context", options.context,
                  "Context length in tokens (default: as the model was trained)")
      ->type_name("N")
      ->check(CLI::Range(0, kContextTokensMax).description(""))
      ->group(group);
  command.add_option("--seed", options.seed, "The same seed gives the same answer; 0 picks a random one")
      ->type_name("N")
      ->group(group);
  command.add_flag("--json", options.json, "Print the result as JSON")->group(group);
}

Result<std::string> verifierPath(const ModelOptions& options) {
  if (options.model.empty()) return asUtf8(embeddedVerifierPath());
  if (auto found = demandFile(options.model, "--model"); !found) return found.error();
  return options.model;
}

Result<SessionOptions> sessionOptionsFor(const ModelOptions& options, DraftUse draftUse) {
  SessionOptions session;
  auto verifier = verifierPath(options);
  if (!verifier) return verifier.error();
  session.verifier_path = *verifier;
  if (draftUse == DraftUse::kWhereItFits) {
    auto draft = draftPath(options, session.verifier_path);
    if (!draft) return draft.error();
    session.draft_path = *draft;
  }
  session.backend = backend_from_string(options.backend).value_or(BackendKind::kAuto);
  session.threads = options.threads;
  session.context_tokens = options.context;
  session.alignment = alignmentOptions();
  return session;
}

Result<std::unique_ptr<Session>> loadSession(const SessionOptions& options, std::stop_token stop) {
  ProgressLine progress;
  return Session::create(
      options, [&progress](double fraction, std::string_view stage) { progress.show(stage, fraction); },
      std::move(stop));
}

Result<std::unique_ptr<Session>> loadSession(const ModelOptions& options, DraftUse draftUse,
                                             std::stop_token stop) {
  const auto session = sessionOptionsFor(options, draftUse);
  if (!session) return session.error();
  return loadSession(*session, std::move(stop));
}

Result<void> alignIfNeeded(Session& session, SelectorKind selector, std::stop_token stop) {
  if (selector != SelectorKind::kDraft) return {};
  if (!session.has_draft()) {
    return Error{ErrorCode::kInvalidArgument, "The selector draft needs a draft model.",
                 "Give one with --draft, or use another --selector."};
  }
  ProgressLine progress;
  const auto alignment = session.alignment(
      [&progress](double fraction) { progress.show("Aligning the draft with the model", fraction); },
      std::move(stop));
  if (!alignment) return alignment.error();
  return {};
}

}  // namespace fovea::app::cli

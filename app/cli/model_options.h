// The options of every command that loads a model, and the loading itself: which files they mean, and a
// session with a progress line. Plain values and functions; main thread.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "engine/result.h"
#include "engine/session.h"

namespace fovea::app::cli {

struct ModelOptions {
  std::string model;  // GGUF; empty: the embedded verifier
  std::string draft;  // GGUF; empty: the embedded draft where it fits the model; "none"
  std::string backend = "auto";
  int threads = 0;         // 0: one per core
  int context = 0;         // tokens; 0: what the model was trained for
  std::uint64_t seed = 0;  // 0: a random one
  bool json = false;
};

void addModelOptions(CLI::App& command, ModelOptions& options);

enum class DraftUse { kNever, kWhereItFits };

/// The verifier's path: --model, or the embedded one.
Result<std::string> verifierPath(const ModelOptions& options);

/// Fails when a file is missing or damaged. Without --draft, the embedded draft is taken where its vocabulary
/// is that of the model; a model of another family runs without one.
Result<SessionOptions> sessionOptionsFor(const ModelOptions& options, DraftUse draftUse);

/// Session::create() with progress on stderr.
Result<std::unique_ptr<Session>> loadSession(const SessionOptions& options, std::stop_token stop);
/// sessionOptionsFor() and that.
Result<std::unique_ptr<Session>> loadSession(const ModelOptions& options, DraftUse draftUse,
                                             std::stop_token stop);

/// Finds or computes the alignment of the session's pair, with progress on stderr, where the selector needs
/// one.
Result<void> alignIfNeeded(Session& session, SelectorKind selector, std::stop_token stop);

}  // namespace fovea::app::cli

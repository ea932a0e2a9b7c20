#include "app/cli/report.h"

#include <array>
#include <cstdio>

#include "app/cli/command.h"
#include "app/cli/terminal.h"

namespace fovea::app::cli {
namespace {

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

}  // namespace

void printError(std::string_view message) {
  std::string line(message);
  for (char& character : line) {
    if (character == '\n' || character == '\r') character = ' ';
  }
  std::fprintf(stderr, "fovea-cli: %s\n", withoutControls(line).c_str());
}

int reportError(const Error& error, Phase phase) {
  if (error.code == ErrorCode::kCancelled) return kExitInterrupted;
  printError(error.to_string());
  switch (error.code) {
    case ErrorCode::kNotFound:
    case ErrorCode::kUnreadable:
    case ErrorCode::kDamaged:
    case ErrorCode::kUnsupported:
      return phase == Phase::kLoading ? kExitUsage : kExitFailed;
    case ErrorCode::kInvalidArgument:
      return kExitUsage;
    case ErrorCode::kOutOfMemory:
    case ErrorCode::kBackend:
    case ErrorCode::kCancelled:
      break;
  }
  return kExitFailed;
}

int printJson(const Json& json, int indent) {
  const std::string text = json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
  return writeOut(text) ? kExitOk : kExitFailed;
}

Json turnJson(const TurnResult& result, const SessionInfo& info, Mode mode) {
  const TurnStatistics& statistics = result.statistics;
  Json json;
  json["text"] = result.text;
  json["token_ids"] = result.token_ids;
  json["prompt_tokens"] = statistics.prompt_tokens;
  json["generated_tokens"] = statistics.generated_tokens;
  json["prefill_seconds"] = statistics.prefill_seconds;
  json["decode_seconds"] = statistics.decode_seconds;
  json["tokens_per_second"] = statistics.tokens_per_second();
  json["proposed"] = statistics.proposed;
  json["accepted"] = statistics.accepted;
  json["acceptance_rate"] = statistics.acceptance_rate();
  json["kv_entries_read"] = statistics.kv_entries_read;
  json["kv_entries_dense"] = statistics.kv_entries_dense;
  json["kv_reads_saved"] = statistics.kv_reads_saved();
  json["attention_mass_kept"] = statistics.attention_mass_kept;
  json["mode"] = to_string(mode);
  json["backend"] = info.backend;
  json["threads"] = info.threads;
  const auto passes = [&](PassKind kind) { return statistics.passes[static_cast<std::size_t>(kind)]; };
  json["passes"] = {{"plain", passes(PassKind::kPlain)},
                    {"speculative", passes(PassKind::kSpeculative)},
                    {"sparse", passes(PassKind::kSparse)},
                    {"confirm", passes(PassKind::kConfirm)}};
  json["agreement"] = statistics.agreement();
  json["draft_kv_entries_read"] = statistics.draft_kv_entries_read;
  json["draft_seconds"] = statistics.draft_seconds;
  json["select_seconds"] = statistics.select_seconds;
  json["verify_seconds"] = statistics.verify_seconds;
  json["sample_seconds"] = statistics.sample_seconds;
  return json;
}

std::string turnSummary(const TurnStatistics& statistics) {
  std::string text =
      format("%d tokens, %.1f tokens/s", statistics.generated_tokens, statistics.tokens_per_second());
  if (statistics.proposed > 0) {
    text += format(", %.0f%% of drafted tokens accepted", 100.0 * statistics.acceptance_rate());
  }
  if (statistics.kv_reads_saved() > 0) {
    text += format(", %.0f%% of KV reads saved", 100.0 * statistics.kv_reads_saved());
  }
  return text;
}

std::string bytesText(double bytes) {
  constexpr std::array kUnits = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024.0 && unit + 1 < kUnits.size()) {
    bytes /= 1024.0;
    ++unit;
  }
  return format(unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
}

std::string countText(double count) {
  if (count >= 1e9) return format("%.2f G", count / 1e9);
  if (count >= 1e6) return format("%.1f M", count / 1e6);
  return format("%.0f", count);
}

}  // namespace fovea::app::cli

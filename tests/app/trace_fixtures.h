// A trace in which every field differs, so that one in the wrong place shows, and a comparison of all of
// them. Header only.
#pragma once

#include <bit>
#include <cmath>
#include <limits>

#include "app/turn_trace.h"

namespace fovea::app {

inline TurnTrace makeTrace() {
  TurnTrace trace;
  trace.options.mode = Mode::kSparse;
  trace.options.sampling = {0.5F, 7, 0.75F, 0.125F, 1.25F, 33, 0xFEDCBA9876543210U};
  trace.options.sparsity.selector = SelectorKind::kQuest;
  trace.options.sparsity.attention_top_p = 0.625F;
  trace.options.sparsity.sinks = 5;
  trace.options.sparsity.window = 17;
  trace.options.sparsity.dense_layers = 2;
  trace.options.max_tokens = 345;
  trace.options.draft_tokens = 6;
  trace.reason = FinishReason::kMaxTokens;
  trace.kvEntryBytes = 2052;
  trace.weightsBytes = 36'000'000'000;
  trace.remapped = true;
  trace.prompt = {1, 300, 31'999, 300};

  TraceStep sparse;
  sparse.telemetry.kind = PassKind::kSparse;
  sparse.telemetry.proposed = 4;
  sparse.telemetry.accepted = 1;
  sparse.telemetry.context_tokens = 9;
  sparse.telemetry.kv_entries_read = 5'000'000'000;
  sparse.telemetry.kv_entries_dense = 9'000'000'000;
  sparse.telemetry.draft_kv_entries_read = 12;
  sparse.telemetry.draft_passes = 5;
  sparse.telemetry.attention_mass_kept = 0.875;
  sparse.telemetry.draft_seconds = 0.5;
  sparse.telemetry.select_seconds = 0.25;
  sparse.telemetry.verify_seconds = 0.125;
  sparse.telemetry.sample_seconds = 0.0625;
  sparse.telemetry.layers = {{7, 0.75F}, {9, std::numeric_limits<float>::quiet_NaN()}};
  sparse.telemetry.tokens = {40, 41};
  sparse.telemetry.emitted = 2;
  sparse.telemetry.refusal = Refusal{42, 41, 0.5F, 0.25F, 0.75F};
  sparse.reads = {14, 2};
  TraceStep confirm;
  confirm.telemetry.kind = PassKind::kConfirm;
  confirm.telemetry.confirmed = 3;
  confirm.telemetry.refused = 1;
  confirm.telemetry.attention_mass_kept = std::numeric_limits<double>::quiet_NaN();
  confirm.telemetry.tokens = {300};
  confirm.telemetry.emitted = 1;
  confirm.telemetry.refusal = Refusal{7, 300};
  trace.steps = {sparse, confirm};

  trace.reads = ReadMap({{8, 1}, {6, 1, 70'000}}, {9, 9, 80'000});
  trace.texts = {{1, "<s>"}, {40, " w\xc3"}, {41, "\xb6rld"}, {300, " the"}, {31'999, std::string("\0x", 2)}};
  return trace;
}

inline bool sameReal(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

inline bool sameStep(const TraceStep& left, const TraceStep& right) {
  const StepTelemetry& a = left.telemetry;
  const StepTelemetry& b = right.telemetry;
  bool same =
      a.kind == b.kind && a.proposed == b.proposed && a.accepted == b.accepted && a.emitted == b.emitted &&
      a.confirmed == b.confirmed && a.refused == b.refused && a.context_tokens == b.context_tokens &&
      a.kv_entries_read == b.kv_entries_read && a.kv_entries_dense == b.kv_entries_dense &&
      a.draft_kv_entries_read == b.draft_kv_entries_read && a.draft_passes == b.draft_passes &&
      sameReal(a.attention_mass_kept, b.attention_mass_kept) && a.draft_seconds == b.draft_seconds &&
      a.select_seconds == b.select_seconds && a.verify_seconds == b.verify_seconds &&
      a.sample_seconds == b.sample_seconds && a.layers.size() == b.layers.size() && a.tokens == b.tokens &&
      left.reads == right.reads && a.refusal.has_value() == b.refusal.has_value();
  for (std::size_t i = 0; same && i < a.layers.size(); ++i) {
    same = a.layers[i].entries_read == b.layers[i].entries_read &&
           sameReal(a.layers[i].mass_kept, b.layers[i].mass_kept);
  }
  if (same && a.refusal) {
    same = a.refusal->refused == b.refusal->refused && a.refusal->chosen == b.refusal->chosen &&
           sameReal(a.refusal->draft_probability, b.refusal->draft_probability) &&
           sameReal(a.refusal->verifier_probability, b.refusal->verifier_probability) &&
           sameReal(a.refusal->chosen_probability, b.refusal->chosen_probability);
  }
  return same;
}

inline bool sameTrace(const TurnTrace& a, const TurnTrace& b) {
  bool same = a.options == b.options && a.reason == b.reason && a.kvEntryBytes == b.kvEntryBytes &&
              a.weightsBytes == b.weightsBytes && a.remapped == b.remapped && a.prompt == b.prompt &&
              a.reads == b.reads && a.texts == b.texts && a.steps.size() == b.steps.size();
  for (std::size_t i = 0; same && i < a.steps.size(); ++i) same = sameStep(a.steps[i], b.steps[i]);
  return same;
}

}  // namespace fovea::app

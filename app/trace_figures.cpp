#include "app/trace_figures.h"

namespace fovea::app {

TurnStatistics statisticsOf(const TurnTrace& trace) {
  TurnStatistics statistics;
  for (const TraceStep& step : trace.steps) statistics.add(step.telemetry);
  statistics.prompt_tokens = static_cast<int>(trace.prompt.size());
  statistics.read_map = trace.reads;
  return statistics;
}

std::optional<double> bytesPerToken(const TurnTrace& trace, const TurnStatistics& statistics) {
  if (trace.kvEntryBytes == 0 || statistics.generated_tokens == 0) return std::nullopt;
  return static_cast<double>(statistics.kv_entries_read) * static_cast<double>(trace.kvEntryBytes) /
         statistics.generated_tokens;
}

std::optional<double> secondsPerByte(const TurnTrace& trace, const TurnStatistics& statistics) {
  const double bytes =
      static_cast<double>(trace.weightsBytes) * statistics.steps +
      static_cast<double>(statistics.kv_entries_read) * static_cast<double>(trace.kvEntryBytes);
  if (trace.kvEntryBytes == 0 || trace.weightsBytes == 0 || statistics.steps == 0) return std::nullopt;
  return statistics.verify_seconds / bytes;
}

}  // namespace fovea::app

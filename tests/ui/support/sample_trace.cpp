#include "tests/ui/support/sample_trace.h"

#include <QStringList>
#include <algorithm>
#include <cmath>

#include "app/trace_recorder.h"
#include "tests/ui/support/sample_chats.h"

namespace fovea::test {
namespace {

constexpr std::size_t kSinks = 4;
constexpr std::size_t kWindow = 32;

const QStringList& words() {
  static const QStringList all = sampleStory().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  return all;
}

// Whether a layer reads this position in this step: stretches that answer the question, more of them in the
// middle layers.
bool reads(std::size_t layer, std::size_t position, std::size_t step) {
  const double stretch =
      std::sin(static_cast<double>(position) / 23.0 + static_cast<double>(layer % 5)) +
      0.5 * std::sin(static_cast<double>(position) / 7.0 + static_cast<double>(step) / 3.0);
  const double depth = 0.55 + 0.75 * std::abs(static_cast<double>(layer) - 7.5) / 7.5;
  return stretch > depth;
}

}  // namespace

std::string scriptedToken(TokenId token) {
  return " " + words().at(token % static_cast<TokenId>(words().size())).toStdString();
}

SessionInfo scriptedInfo() {
  SessionInfo info;
  info.verifier_name = "Scripted 51M";
  info.draft_name = "Scripted 6M";
  info.backend = "cpu";
  info.device = "AVX2";
  info.threads = 2;
  info.context_tokens = 4096;
  info.verifier_layers = static_cast<int>(TurnScript::kLayers);
  info.kv_entry_bytes = 1028;
  info.verifier_weights_bytes = 38'000'000;
  info.weights_bytes = 45'000'000;
  info.kv_cache_bytes = 67'000'000;
  return info;
}

TurnScript::TurnScript(std::size_t promptTokens) : m_prompt(promptTokens) {
  for (std::size_t i = 0; i < promptTokens; ++i) m_prompt[i] = static_cast<TokenId>(i);
}

StepTelemetry TurnScript::step(ReadMap& reads) {
  const std::size_t number = m_steps++;
  StepTelemetry step;
  step.kind = PassKind::kSparse;
  step.proposed = 4;
  static constexpr int kAccepted[] = {3, 4, 1, 4};
  step.accepted = kAccepted[number % 4];
  step.emitted = step.accepted + 1;
  const std::size_t before = m_prompt.size() + m_answerTokens - 1;
  step.context_tokens = before + 5;
  double mass = 0;
  for (std::size_t layer = 0; layer < kLayers; ++layer) {
    std::vector<std::int32_t> positions;
    for (std::size_t at = 0; at < before; ++at) {
      const bool always = at < kSinks || at + kWindow >= before;
      if (always || test::reads(layer, at, number)) positions.push_back(static_cast<std::int32_t>(at));
    }
    reads.add(layer, positions);
    reads.add_range(layer, before, step.context_tokens);
    LayerReads layerReads;
    layerReads.entries_read = static_cast<std::int32_t>(positions.size() + 5);
    layerReads.mass_kept = 0.86F + 0.13F * static_cast<float>(positions.size()) / static_cast<float>(before);
    mass += static_cast<double>(layerReads.mass_kept) / kLayers;
    step.kv_entries_read += layerReads.entries_read;
    step.layers.push_back(layerReads);
  }
  reads.add_pass(step.context_tokens);
  step.kv_entries_dense = static_cast<std::int64_t>(step.context_tokens * kLayers);
  step.draft_kv_entries_read = step.kv_entries_dense / 2;
  step.draft_passes = 5;
  step.attention_mass_kept = mass;
  step.draft_seconds = 0.006;
  step.select_seconds = 0.0012;
  step.verify_seconds = 0.019 + 1e-7 * static_cast<double>(step.kv_entries_read);
  step.sample_seconds = 0.0016;
  for (int i = 0; i < step.emitted; ++i) step.tokens.push_back(static_cast<TokenId>(m_answerTokens++));
  if (step.accepted < step.proposed)
    step.refusal = Refusal{static_cast<TokenId>(number + 40), step.tokens.back(), 0.41F, 0.08F, 0.63F};
  return step;
}

app::TurnTrace sampleTrace(std::size_t promptTokens, int steps) {
  GenerationOptions options;
  options.mode = Mode::kSparse;
  app::TraceRecorder recorder(options, scriptedInfo(), scriptedToken);
  TurnScript script(promptTokens);
  TurnResult result;
  recorder.prompt(script.prompt());
  for (int i = 0; i < steps; ++i) {
    recorder.step(script.step(result.statistics.read_map));
    recorder.reads(result.statistics.read_map);
  }
  result.seed = 12345;
  return recorder.finish(result);
}

}  // namespace fovea::test

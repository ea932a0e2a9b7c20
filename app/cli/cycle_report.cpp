#include "app/cli/cycle_report.h"

#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

#include "app/cli/terminal.h"

namespace fovea::app::cli {
namespace {

constexpr std::string_view kNotice =
    "SYNTHETIC: the KV cache holds random entries, the sparse cycles read random ones, and a lot decides "
    "which "
    "proposals stand.";

double rate(double amount, double seconds) {
  return seconds > 0 ? amount / seconds : 0.0;
}

std::string lineName(const BenchmarkCycle& line) {
  std::string name = std::string(to_string(line.mode)) + " at " + std::to_string(line.context);
  if (line.mode == Mode::kSparse) {
    char percent[32];
    std::snprintf(percent, sizeof percent, ", %.1f%% read", 100.0 * line.density);
    name += percent;
  }
  return name;
}

Json stageJson(const CycleStage& stage) {
  Json json;
  json["seconds"] = stage.seconds;
  if (stage.bytes > 0) {
    json["bytes"] = stage.bytes;
    json["gigabytes_per_second"] = rate(stage.bytes, stage.seconds) / 1e9;
  }
  return json;
}

Json lineJson(const BenchmarkCycle& line) {
  Json json;
  json["mode"] = to_string(line.mode);
  json["context"] = line.context;
  json["density_asked"] = line.density_asked;
  json["density"] = line.density;
  json["proposed"] = line.proposed;
  json["accepted"] = line.accepted;
  json["tokens_expected"] = line.tokens_expected;
  json["seconds"] = line.seconds;
  json["tokens_per_second"] = line.tokens_per_second();
  json["bytes"] = line.bytes();
  json["gigabytes_per_second"] = rate(line.bytes(), line.seconds) / 1e9;
  json["stages"] = {{"draft", stageJson(line.draft)},
                    {"select", stageJson(line.select)},
                    {"verify", stageJson(line.verify)},
                    {"sample", stageJson(line.sample)}};
  return json;
}

}  // namespace

void printCycles(const CycleBenchmark& benchmark, const CycleOptions& options, double bandwidth) {
  std::printf("%s, draft %s, %s (%s)\n", withoutControls(benchmark.verifier_name).c_str(),
              withoutControls(benchmark.draft_name).c_str(), benchmark.backend.c_str(),
              benchmark.device.c_str());
  std::printf("%.*s\n", static_cast<int>(kNotice.size()), kNotice.data());
  std::printf(
      "A cycle proposes %d tokens, each of which stands with a chance of %g when all before it do. After "
      "its\n"
      "first pass the draft reads %g%% of its own cache.\n\n",
      options.draft_tokens, options.acceptance, 100 * options.draft_density);
  std::printf("%-34s %11s %7s %10s %8s %8s   stages, ms: %8s %8s %8s %8s\n", "Cycle (synthetic)", "time",
              "tokens", "tokens/s", "GB/s", "of read", "draft", "select", "verify", "sample");
  for (const BenchmarkCycle& line : benchmark.cycles) {
    const double bytesPerSecond = rate(line.bytes(), line.seconds);
    std::printf("  %-32s %8.3f ms %7.2f %10.1f %8.2f", lineName(line).c_str(), line.seconds * 1e3,
                line.tokens_expected, line.tokens_per_second(), bytesPerSecond / 1e9);
    if (bandwidth > 0) {
      std::printf(" %7.0f%%", 100.0 * bytesPerSecond / bandwidth);
    } else {
      std::printf(" %8s", "");
    }
    std::printf("               %8.3f %8.3f %8.3f %8.3f\n", line.draft.seconds * 1e3,
                line.select.seconds * 1e3, line.verify.seconds * 1e3, line.sample.seconds * 1e3);
  }
}

Json cyclesJson(const CycleBenchmark& benchmark, const CycleOptions& options) {
  Json json;
  json["synthetic"] = true;
  json["notice"] = kNotice;
  json["verifier"] = benchmark.verifier_name;
  json["draft"] = benchmark.draft_name;
  json["backend"] = benchmark.backend;
  json["device"] = benchmark.device;
  json["replay_acceptance"] = options.acceptance;
  json["draft_tokens"] = options.draft_tokens;
  json["draft_density"] = options.draft_density;
  json["cycles_per_measurement"] = options.cycles;
  json["repetitions"] = options.repetitions;
  json["cycles"] = Json::array();
  for (const BenchmarkCycle& line : benchmark.cycles) json["cycles"].push_back(lineJson(line));
  return json;
}

}  // namespace fovea::app::cli

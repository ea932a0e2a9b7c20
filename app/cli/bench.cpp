// fovea-cli bench: what this machine does with the model, beside what its memory could do.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/cycle_report.h"
#include "app/cli/model_options.h"
#include "app/cli/report.h"
#include "app/cli/terminal.h"
#include "engine/benchmark.h"

namespace fovea::app::cli {
namespace {

constexpr const char* kExamples =
    R"(Three tables: the machine's memory bandwidth, the model (prefill, decode by the model alone, decode with its draft,
each at several context depths), and the kernels on the model's shapes. GB/s count the weights and KV entries that a
unit of work must read once; "of read" compares that with the measured read bandwidth, and goes beyond 100% where the
weights stay in the processor's cache. The text is made up; how many drafted tokens are accepted, and so what
speculation gains, depends on the text.

With --density and --replay-acceptance another table takes their place: one cycle of decoding (draft, select, verify,
sample), each stage by itself, as if a text had that density and acceptance. It is SYNTHETIC: the KV cache is filled with
random entries at once, the sparse cycles read random ones, and a lot decides which proposals stand. So the speed of any
size can be measured, with weights from 'fovea-cli synthesize', at contexts that no prefill has to fill.

Examples:
  fovea-cli bench --threads 2
  fovea-cli bench --model llama-2-7b.gguf --draft tinyllama.gguf --density 0.05,0.1 --replay-acceptance 0.7 \
    --contexts 2048,8192 --json
  fovea-cli bench --model other.gguf --draft none --depths 128,2048 --json)";

struct BenchArguments {
  ModelOptions model;
  BenchmarkOptions benchmark;
  CycleOptions cycles;  // measured instead where densities are given
  bool skipKernels = false;
};

struct BenchTables {
  std::vector<BenchmarkRow> memory;
  std::vector<BenchmarkRow> model;
  std::vector<BenchmarkRow> kernels;
};

double rate(double amount, double seconds) {
  return seconds > 0 ? amount / seconds : 0.0;
}

double readBandwidth(const std::vector<BenchmarkRow>& memory) {
  const auto row = std::ranges::find(memory, "read", &BenchmarkRow::name);
  return row == memory.end() ? 0.0 : rate(row->bytes, row->seconds);
}

Json rowsJson(const std::vector<BenchmarkRow>& rows) {
  Json json = Json::array();
  for (const BenchmarkRow& row : rows) {
    json.push_back({{"name", row.name},
                    {"seconds", row.seconds},
                    {"tokens_per_second", rate(row.tokens, row.seconds)},
                    {"gigabytes_per_second", rate(row.bytes, row.seconds) / 1e9},
                    {"gigaflops", rate(row.operations, row.seconds) / 1e9}});
  }
  return json;
}

// Ten columns; blank where the number would say nothing.
void printNumber(bool known, double number) {
  if (known) {
    std::printf(" %10.2f", number);
  } else {
    std::printf(" %10s", "");
  }
}

void printRows(const char* title, const std::vector<BenchmarkRow>& rows, double bandwidth) {
  if (rows.empty()) return;
  std::printf("\n%-40s %12s %12s %10s %10s %8s\n", title, "time", "tokens/s", "GB/s", "GFLOP/s", "of read");
  for (const BenchmarkRow& row : rows) {
    const double bytesPerSecond = rate(row.bytes, row.seconds);
    std::printf("  %-38s %9.3f ms", row.name.c_str(), row.seconds * 1e3);
    if (row.tokens > 0) {
      std::printf(" %12.1f", rate(row.tokens, row.seconds));
    } else {
      std::printf(" %12s", "");
    }
    printNumber(row.bytes > 0, bytesPerSecond / 1e9);
    printNumber(row.operations > 0, rate(row.operations, row.seconds) / 1e9);
    if (bandwidth > 0 && row.bytes > 0) std::printf(" %7.0f%%", 100.0 * bytesPerSecond / bandwidth);
    std::printf("\n");
  }
}

Result<BenchTables> measure(const BenchArguments& arguments, const std::stop_token& stop) {
  BenchTables tables;
  ProgressLine progress;
  progress.show("Measuring the memory");
  const SessionOptions& session = arguments.benchmark.session;
  tables.memory = benchmark_memory(session.threads, stop);
  auto model = benchmark_model(
      arguments.benchmark,
      [&progress](int done, int total, std::string_view name) {
        progress.show("Measuring the model  " + std::to_string(done + 1) + "/" + std::to_string(total) +
                      "  " + std::string(name));
      },
      stop);
  if (!model) return model.error();
  tables.model = *model;
  if (arguments.skipKernels) return tables;
  progress.show("Measuring the kernels");
  auto kernels = kernel_benchmarks(session.verifier_path, session.threads, stop);
  if (!kernels) return kernels.error();
  tables.kernels = *kernels;
  return tables;
}

int runCycles(const BenchArguments& arguments, const SessionOptions& session, const std::stop_token& stop) {
  CycleOptions options = arguments.cycles;
  options.session = session;
  options.contexts = arguments.benchmark.depths;
  options.repetitions = arguments.benchmark.repetitions;
  ProgressLine progress;
  const auto benchmark = benchmark_cycles(
      options,
      [&progress](int done, int total, std::string_view name) {
        progress.show("Measuring cycles  " + std::to_string(done + 1) + "/" + std::to_string(total) + "  " +
                      std::string(name));
      },
      stop);
  if (!benchmark) return reportError(benchmark.error(), Phase::kLoading);
  // What the processor's memory can do says nothing about a GPU.
  double bandwidth = 0;
  if (benchmark->backend == "cpu" && !arguments.model.json) {
    progress.show("Measuring the memory");
    bandwidth = readBandwidth(benchmark_memory(session.threads, stop));
  }
  progress.clear();
  if (arguments.model.json) return printJson(cyclesJson(*benchmark, options), 2);
  printCycles(*benchmark, options, bandwidth);
  return kExitOk;
}

int runBench(const BenchArguments& given, Interrupt& interrupt) {
  BenchArguments arguments = given;
  const auto session = sessionOptionsFor(arguments.model, DraftUse::kWhereItFits);
  if (!session) return reportError(session.error(), Phase::kLoading);
  arguments.benchmark.session = *session;

  const WorkScope work(interrupt);
  if (!arguments.cycles.densities.empty()) return runCycles(arguments, *session, work.stop());
  const auto tables = measure(arguments, work.stop());
  if (!tables) return reportError(tables.error(), Phase::kLoading);
  if (arguments.model.json) {
    Json json;
    json["model_file"] = session->verifier_path;
    json["memory"] = rowsJson(tables->memory);
    json["model"] = rowsJson(tables->model);
    json["kernels"] = rowsJson(tables->kernels);
    return printJson(json, 2);
  }
  const double bandwidth = readBandwidth(tables->memory);
  std::printf("%s\n", session->verifier_path.c_str());
  printRows("Memory", tables->memory, 0);
  printRows("Model", tables->model, bandwidth);
  printRows("Kernels", tables->kernels, bandwidth);
  return kExitOk;
}

}  // namespace

void addBenchCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* command = application.add_subcommand("bench", "Measure speed and memory bandwidth");
  BenchmarkOptions& benchmark = arguments->benchmark;
  command->add_option("--depths,--contexts", benchmark.depths, "Context depths to measure at, in tokens")
      ->type_name("N,N,...")
      ->delimiter(',')
      ->check(CLI::Range(2, 1 << 20).description(""))
      ->capture_default_str();
  command->add_option("--decode-tokens", benchmark.decode_tokens, "Tokens generated per measurement")
      ->type_name("N")
      ->check(CLI::Range(2, 4096).description(""))
      ->capture_default_str();
  command->add_option("--repetitions", benchmark.repetitions, "Measurements per line; the best counts")
      ->type_name("N")
      ->check(CLI::Range(1, 1000).description(""))
      ->capture_default_str();
  command->add_flag("--no-kernels", arguments->skipKernels, "Leave the kernels out");
  CycleOptions& cycles = arguments->cycles;
  const char* group = "Synthetic cycles";
  const CLI::Range share(0.0, 1.0);
  CLI::Option* density =
      command
          ->add_option("--density", cycles.densities,
                       "Shares of the KV entries that sparse cycles read, sinks and window beside")
          ->type_name("D,...")
          ->delimiter(',')
          ->check(CLI::Range(share).description(""))
          ->group(group);
  CLI::Option* acceptance =
      command
          ->add_option("--replay-acceptance", cycles.acceptance,
                       "Chance that a proposal stands when all before it do, whatever it is")
          ->type_name("A")
          ->check(CLI::Range(share).description(""))
          ->group(group);
  density->needs(acceptance);
  acceptance->needs(density);
  command
      ->add_option("--draft-density", cycles.draft_density,
                   "Share that the draft's passes after the first read of its own cache")
      ->type_name("D")
      ->check(CLI::Range(share).description(""))
      ->capture_default_str()
      ->group(group);
  command->add_option("--draft-tokens", cycles.draft_tokens, "Proposals of a cycle")
      ->type_name("N")
      ->check(CLI::Range(1, GenerationOptions::kMaxDraftTokens).description(""))
      ->capture_default_str()
      ->group(group);
  command->add_option("--cycles", cycles.cycles, "Cycles per measurement")
      ->type_name("N")
      ->check(CLI::Range(1, 4096).description(""))
      ->capture_default_str()
      ->group(group);
  addModelOptions(*command, arguments->model);
  command->footer(kExamples);
  command->callback([arguments, &action] {
    action = [arguments](Interrupt& interrupt) { return runBench(*arguments, interrupt); };
  });
}

}  // namespace fovea::app::cli

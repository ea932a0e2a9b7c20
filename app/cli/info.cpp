// fovea-cli info: what a GGUF file holds, as a table or as JSON.
#include <cstdio>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "app/cli/command.h"
#include "app/cli/model_options.h"
#include "app/cli/report.h"
#include "app/cli/terminal.h"
#include "engine/gguf.h"

namespace fovea::app::cli {
namespace {

constexpr std::size_t kShownTextBytes = 72;

constexpr const char* kExamples = R"(Examples:
  fovea-cli info
  fovea-cli info model.gguf --json)";

struct InfoArguments {
  std::string file;
  bool json = false;
};

Json valueJson(const GgufValue& value) {
  return std::visit(
      [](const auto& held) -> Json {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, GgufArray>) {
          return Json{{"array", held.count}};
        } else {
          return held;
        }
      },
      value);
}

std::string valueText(const GgufValue& value) {
  if (const auto* array = std::get_if<GgufArray>(&value)) return std::to_string(array->count) + " elements";
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr) return valueJson(value).dump();
  std::string shown = Json(*text).dump(-1, ' ', false, Json::error_handler_t::replace);
  if (shown.size() <= kShownTextBytes) return shown;
  std::size_t end = kShownTextBytes;
  while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xC0U) == 0x80U)
    --end;  // not inside a character
  return shown.substr(0, end) + "...";
}

std::string shapeText(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (const std::uint64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text;
}

double elementCount(const GgufTensor& tensor) {
  return std::accumulate(
      tensor.shape.begin(), tensor.shape.end(), 1.0,
      [](double product, std::uint64_t extent) { return product * static_cast<double>(extent); });
}

double parameterCount(const Gguf& gguf) {
  double count = 0;
  for (const GgufTensor& tensor : gguf.tensors()) count += elementCount(tensor);
  return count;
}

Json infoJson(const Gguf& gguf) {
  Json json;
  json["file"] = gguf.path();
  json["version"] = gguf.version();
  json["bytes"] = gguf.file_bytes();
  json["parameters"] = parameterCount(gguf);
  json["metadata"] = Json::object();
  for (const auto& [key, value] : gguf.metadata()) json["metadata"][std::string(key)] = valueJson(value);
  json["tensors"] = Json::array();
  for (const GgufTensor& tensor : gguf.tensors()) {
    json["tensors"].push_back({{"name", tensor.name},
                               {"type", tensor_type_name(tensor.type)},
                               {"shape", tensor.shape},
                               {"bytes", tensor.data.size()}});
  }
  return json;
}

void printTable(const Gguf& gguf) {
  std::map<std::string, int> types;
  for (const GgufTensor& tensor : gguf.tensors()) ++types[tensor_type_name(tensor.type)];
  std::string kinds;
  for (const auto& [type, count] : types)
    kinds += (kinds.empty() ? "" : ", ") + std::to_string(count) + " " + type;

  std::printf("%s\nGGUF version %u, %s, %s parameters\n\nMetadata\n", withoutControls(gguf.path()).c_str(),
              gguf.version(), bytesText(static_cast<double>(gguf.file_bytes())).c_str(),
              countText(parameterCount(gguf)).c_str());
  for (const auto& [key, value] : gguf.metadata()) {
    std::printf("  %-44s %s\n", withoutControls(key).c_str(), withoutControls(valueText(value)).c_str());
  }
  std::printf("\nTensors: %zu (%s)\n", gguf.tensors().size(), kinds.c_str());
  for (const GgufTensor& tensor : gguf.tensors()) {
    std::printf("  %-32s %-6s %-16s %12s\n", withoutControls(tensor.name).c_str(),
                tensor_type_name(tensor.type).c_str(), shapeText(tensor.shape).c_str(),
                bytesText(static_cast<double>(tensor.data.size())).c_str());
  }
}

int runInfo(const InfoArguments& arguments) {
  ModelOptions model;
  model.model = arguments.file;
  const auto path = verifierPath(model);
  if (!path) return reportError(path.error(), Phase::kLoading);
  const auto gguf = Gguf::open(*path);
  if (!gguf) return reportError(gguf.error(), Phase::kLoading);
  if (arguments.json) return printJson(infoJson(*gguf), 2);
  printTable(*gguf);
  return kExitOk;
}

}  // namespace

void addInfoCommand(CLI::App& application, Action& action) {
  auto arguments = std::make_shared<InfoArguments>();
  CLI::App* command = application.add_subcommand("info", "Show what a GGUF file holds");
  command->add_option("FILE,--model", arguments->file, "The file (default: the embedded model)")
      ->type_name("FILE");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->footer(kExamples);
  command->callback(
      [arguments, &action] { action = [arguments](Interrupt&) { return runInfo(*arguments); }; });
}

}  // namespace fovea::app::cli

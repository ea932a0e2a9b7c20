#include "app/cli/evaluation_report.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "app/cli/evaluation_plot.h"

namespace fovea::app::cli {
namespace {

std::string percent(double fraction, const char* pattern) {
  if (!std::isfinite(fraction)) return "";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, 100.0 * fraction);
  return text.data();
}

std::string fixed(double value, const char* pattern) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, value);
  return text.data();
}

// The shortest decimal that reads back as the same number.
template <typename Number>
std::string exact(Number value) {
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) return "";
  }
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quotes = "\"";
  for (const char character : text) quotes += character == '"' ? "\"\"" : std::string(1, character);
  return quotes + "\"";
}

// A line break or a bar in a file's name would end the cell.
std::string cell(const std::string& text) {
  std::string safe;
  for (const char character : text) {
    if (character == '|') safe += '\\';
    safe += static_cast<unsigned char>(character) < 0x20 ? ' ' : character;
  }
  return safe;
}

std::string settingColumns(const EvaluationSetting& setting) {
  const SparsityOptions& sparsity = setting.sparsity;
  const bool byBudget =
      sparsity.selector == SelectorKind::kStreaming || sparsity.selector == SelectorKind::kQuest;
  return setting.selector + "," + (byBudget ? "" : exact(sparsity.attention_top_p)) + "," +
         (byBudget ? exact(sparsity.budget) : "") + "," + std::string(to_string(sparsity.map)) + "," +
         std::string(to_string(sparsity.rows)) + "," + std::string(to_string(sparsity.search)) + "," +
         exact(sparsity.sinks) + "," + exact(sparsity.window) + "," + exact(sparsity.dense_layers);
}

constexpr const char* kSettingHeader =
    "selector,attention_top_p,budget,map,rows,search,sinks,window,dense_layers";

std::string totalsHeader(const EvaluationReport& report) {
  std::string header =
      "tokens,seconds,kv_entries_read,kv_entries_dense,kv_reads_saved,perplexity_dense,perplexity,"
      "perplexity_increase,agreement,attention_mass_kept";
  for (std::size_t quarter = 1; quarter <= ScoreTotals::kQuarters; ++quarter)
    header += ",increase_quarter_" + exact(quarter);
  for (int layer = 0; layer < report.info.verifier_layers; ++layer)
    header += ",density_layer_" + exact(layer);
  if (!report.measuredMass) return header;
  header += ",attention_mass_measured";
  for (int layer = 0; layer < report.info.verifier_layers; ++layer) header += ",mass_layer_" + exact(layer);
  return header;
}

std::string totalsColumns(const EvaluationReport& report, const ScoreTotals& totals) {
  std::string line = exact(totals.tokens()) + "," + exact(totals.seconds()) + "," +
                     exact(totals.entriesRead()) + "," + exact(totals.entriesDense());
  for (const double value : {totals.readsSaved(), totals.perplexityDense(), totals.perplexity(),
                             totals.increase(), totals.agreement(), totals.massEstimated()})
    line += "," + exact(value);
  for (std::size_t quarter = 0; quarter < ScoreTotals::kQuarters; ++quarter)
    line += "," + exact(totals.quarterIncrease(quarter));
  for (const double density : totals.layerDensity()) line += "," + exact(density);
  if (!report.measuredMass) return line;
  line += "," + exact(totals.massMeasured());
  for (const double mass : totals.layerMassMeasured()) line += "," + exact(mass);
  return line;
}

std::string markdown(const EvaluationReport& report) {
  std::string text =
      "# Sparse attention: what it saves and what it costs\n\n" + cell(report.info.verifier_name) +
      ", draft " + (report.info.draft_name.empty() ? "none" : cell(report.info.draft_name)) + ", " +
      report.info.backend + ". " + exact(report.texts.size()) + " texts of up to " +
      exact(report.contextTokens) + " tokens: the first tenth is only read, the rest scored in blocks of " +
      exact(report.draftTokens) + " drafted tokens and one more.\n\n" + markdownHead(report);
  for (const EvaluationRow& row : report.rows) text += markdownRow(report, row);
  text += "\nTexts:\n\n";
  for (const std::string& name : report.texts) text += "- " + cell(name) + "\n";
  return text;
}

std::string plot(const EvaluationReport& report) {
  std::vector<PlotCurve> curves;
  for (const EvaluationRow& row : report.rows) {
    if (curves.empty() || curves.back().name != row.setting.selector)
      curves.push_back({row.setting.selector, {}});
    curves.back().points.push_back({row.total.readsSaved(), row.total.increase(), row.setting.label});
  }
  return evaluationPlot("What reading fewer KV entries costs: " + exact(report.texts.size()) + " texts, " +
                            exact(report.contextTokens) + " tokens each",
                        curves);
}

Result<void> writeFile(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return {};
  return Error{ErrorCode::kUnreadable, "--output: '" + path.string() + "' cannot be written.", ""};
}

}  // namespace

std::string markdownHead(const EvaluationReport& report) {
  std::string head =
      "| selector | setting | KV reads saved | perplexity | increase | agreement | mass kept |";
  std::string rule = "| --- | --- | ---: | ---: | ---: | ---: | ---: |";
  if (report.measuredMass) {
    head += " measured |";
    rule += " ---: |";
  }
  return head + "\n" + rule + "\n";
}

std::string markdownRow(const EvaluationReport& report, const EvaluationRow& row) {
  const ScoreTotals& total = row.total;
  std::string line = "| " + row.setting.selector + " | " + row.setting.label + " | " +
                     percent(total.readsSaved(), "%.1f%%") + " | " + fixed(total.perplexity(), "%.3f") +
                     " | " + percent(total.increase(), "%+.2f%%") + " | " +
                     percent(total.agreement(), "%.1f%%") + " | " + percent(total.massEstimated(), "%.1f%%") +
                     " |";
  if (report.measuredMass) line += " " + percent(total.massMeasured(), "%.1f%%") + " |";
  return line + "\n";
}

std::string evaluationCsv(const EvaluationReport& report) {
  std::string csv = std::string(kSettingHeader) + ",texts," + totalsHeader(report) + "\n";
  for (const EvaluationRow& row : report.rows) {
    csv += settingColumns(row.setting) + "," + exact(row.texts.size()) + "," +
           totalsColumns(report, row.total) + "\n";
  }
  return csv;
}

std::string evaluationTextsCsv(const EvaluationReport& report) {
  std::string csv = std::string(kSettingHeader) + ",text," + totalsHeader(report) + "\n";
  for (const EvaluationRow& row : report.rows) {
    for (std::size_t index = 0; index < row.texts.size(); ++index) {
      csv += settingColumns(row.setting) + "," + quoted(report.texts[index]) + "," +
             totalsColumns(report, row.texts[index]) + "\n";
    }
  }
  return csv;
}

Json evaluationJson(const EvaluationReport& report) {
  Json json;
  json["texts"] = report.texts;
  json["context"] = report.contextTokens;
  json["gamma"] = report.draftTokens;
  json["rows"] = Json::array();
  for (const EvaluationRow& row : report.rows) {
    const ScoreTotals& total = row.total;
    Json object;
    object["selector"] = row.setting.selector;
    object["setting"] = row.setting.label;
    object["perplexity"] = total.perplexity();
    object["tokens"] = total.tokens();
    object["seconds"] = total.seconds();
    object["perplexity_dense"] = total.perplexityDense();
    object["perplexity_increase"] = total.increase();
    object["agreement"] = total.agreement();
    object["kv_entries_read"] = total.entriesRead();
    object["kv_entries_dense"] = total.entriesDense();
    object["kv_reads_saved"] = total.readsSaved();
    object["attention_mass_kept"] = total.massEstimated();
    object["layer_density"] = total.layerDensity();
    if (report.measuredMass) {
      object["attention_mass_measured"] = total.massMeasured();
      object["layer_mass_measured"] = total.layerMassMeasured();
    }
    json["rows"].push_back(std::move(object));
  }
  json["backend"] = report.info.backend;
  json["threads"] = report.info.threads;
  return json;
}

Result<void> writeReport(const std::string& folder, const EvaluationReport& report) {
  const std::filesystem::path path(folder);
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (!std::filesystem::is_directory(path, failure)) {
    return Error{ErrorCode::kUnreadable, "--output: the folder '" + folder + "' cannot be created.", ""};
  }
  for (const auto& [name, text] :
       {std::pair{"evaluation.md", markdown(report)}, std::pair{"evaluation.csv", evaluationCsv(report)},
        std::pair{"evaluation_texts.csv", evaluationTextsCsv(report)},
        std::pair{"evaluation.svg", plot(report)}}) {
    if (auto written = writeFile(path / name, text); !written) return written;
  }
  return {};
}

}  // namespace fovea::app::cli

// Sparse attention from the command line, with the embedded pair: aligning it, generating, scoring, sweeping.
#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/cli_process.h"

namespace fovea::test {
namespace {

using Json = nlohmann::json;

Json parsed(const CliOutcome& outcome) {
  EXPECT_EQ(outcome.status, 0) << outcome.err.toStdString();
  return Json::parse(outcome.out.toStdString(), nullptr, false);
}

QByteArray readAll(const QString& path) {
  QFile file(path);
  EXPECT_TRUE(file.open(QIODevice::ReadOnly)) << path.toStdString();
  return file.readAll();
}

// One home for all: the pair is aligned once, and found in the cache afterwards.
class CliSparse : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    s_cli = std::make_unique<CliProcess>();
    const QByteArray text = readAll(QStringLiteral(FOVEA_CALIBRATION_TEXT));
    ASSERT_GT(text.size(), 8000);
    s_files = QStringList{s_cli->path("first.txt"), s_cli->path("second, of two.txt")};
    for (qsizetype index = 0; index < s_files.size(); ++index) {
      QFile file(s_files[index]);
      ASSERT_TRUE(file.open(QIODevice::WriteOnly));
      file.write(text.mid(4000 * index, 4000));
    }
    // Sanitizers make the whole of it take minutes.
    QStringList arguments{"align", "--json"};
    if (FOVEA_SANITIZED) arguments += {"--context", "512"};
    s_aligned = parsed(s_cli->run(arguments));
  }
  static void TearDownTestSuite() { s_cli.reset(); }

  static inline std::unique_ptr<CliProcess> s_cli;
  static inline QStringList s_files;  // about 1,000 tokens each
  static inline Json s_aligned;
};

TEST_F(CliSparse, AlignKeepsThePairInTheCache) {
  const QString path = QString::fromStdString(s_aligned.at("path").get<std::string>());
  EXPECT_TRUE(path.startsWith(s_cli->path("cache/fovea/alignments"))) << path.toStdString();
  EXPECT_TRUE(QFile::exists(path));
  EXPECT_EQ(s_aligned.at("calibration"), "calibration.txt");
  EXPECT_EQ(s_aligned.at("layer_map").size(), s_aligned.at("layer_map_cost").size());
  EXPECT_EQ(s_aligned.at("head_map").size(), s_aligned.at("head_map_cost").size());
}

TEST_F(CliSparse, AlignTakesATextAndAFileAndTellsWhatItFound) {
  const QString output = s_cli->path("own/alignment.json");
  const CliOutcome outcome =
      s_cli->run({"align", "--file", s_files[0], "--output", output, "--context", "256"});
  ASSERT_EQ(outcome.status, 0) << outcome.err.toStdString();
  EXPECT_TRUE(outcome.out.contains("first.txt"));
  EXPECT_TRUE(outcome.out.contains("written to " + output.toUtf8()));
  EXPECT_TRUE(Json::accept(readAll(output).toStdString()));
  EXPECT_EQ(s_cli->run({"align", "--file", "-"}, "Too short.").status, 2);
  EXPECT_EQ(
      s_cli->run({"align", "--file", s_files[0], "--context", "256", "--output", s_files[0] + "/x"}).status,
      1);
}

TEST_F(CliSparse, GenerateSavesReadsOnALongPrompt) {
  const QStringList command = {"generate", "--raw",
                               "--file",   s_files[0],
                               "--json",   "--max-tokens",
                               "32",       "--temperature",
                               "0",        "--repetition-penalty",
                               "1",        "--mode"};
  const Json sparse = parsed(s_cli->run(command + QStringList{"sparse", "--attention-top-p", "0.6"}));
  EXPECT_EQ(sparse.at("mode"), "sparse");
  EXPECT_GT(sparse.at("kv_reads_saved"), 0.1);
  EXPECT_GT(sparse.at("attention_mass_kept"), 0.3);
  EXPECT_GT(sparse.at("passes").at("sparse"), 0);
  EXPECT_GT(sparse.at("draft_kv_entries_read"), 0);

  const Json exact = parsed(s_cli->run(command + QStringList{"exact"}));
  const Json dense = parsed(s_cli->run(command + QStringList{"dense"}));
  EXPECT_EQ(exact.at("token_ids"), dense.at("token_ids"));
  EXPECT_GE(exact.at("agreement"), 0.0);
}

TEST_F(CliSparse, ASelectorWithoutAnEstimateGivesNull) {
  const Json json =
      parsed(s_cli->run({"generate", "--raw", "--file", s_files[0], "--json", "--max-tokens", "8", "--mode",
                         "sparse", "--selector", "streaming", "--budget", "0.1"}));
  EXPECT_TRUE(json.at("attention_mass_kept").is_null()) << json.at("attention_mass_kept");
}

TEST_F(CliSparse, PerplexityReadingEverythingIsThatOfDense) {
  const QStringList command = {"perplexity", "--file", s_files[0], "--context", "256", "--tokens", "600"};
  const Json plain = parsed(s_cli->run(command));
  const Json full = parsed(s_cli->run(command + QStringList{"--mode", "sparse", "--attention-top-p", "1"}));
  const double dense = plain.at("perplexity").get<double>();
  EXPECT_NEAR(full.at("perplexity_dense").get<double>() / dense, 1.0, 1e-9);
  EXPECT_NEAR(full.at("perplexity").get<double>() / dense, 1.0, 1e-6);
  EXPECT_NEAR(full.at("perplexity_increase").get<double>(), 0.0, 1e-6);
  EXPECT_EQ(full.at("agreement"), 1.0);
  EXPECT_EQ(full.at("tokens"), plain.at("tokens"));
}

TEST_F(CliSparse, PerplexityTellsWhatASelectionCosts) {
  const CliOutcome outcome =
      s_cli->run({"perplexity", "--file", s_files[0], "--context", "256", "--tokens", "600", "--mode",
                  "sparse", "--attention-top-p", "0.5", "--gamma", "3", "--mass"});
  ASSERT_EQ(outcome.status, 0) << outcome.err.toStdString();
  const auto json = nlohmann::ordered_json::parse(outcome.out.toStdString());
  std::vector<std::string> keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"perplexity", "tokens", "seconds", "perplexity_dense",
                                            "perplexity_increase", "agreement", "kv_entries_read",
                                            "kv_entries_dense", "kv_reads_saved", "attention_mass_kept",
                                            "layer_density", "attention_mass_measured", "layer_mass_measured",
                                            "mode", "backend", "threads"}));
  const double saved = json.at("kv_reads_saved").get<double>();
  EXPECT_GT(saved, 0.1);
  EXPECT_LT(saved, 1.0);
  double density = 0;
  for (const auto& layer : json.at("layer_density")) density += layer.get<double>();
  EXPECT_NEAR(density / static_cast<double>(json.at("layer_density").size()), 1.0 - saved, 1e-9);
  EXPECT_GT(json.at("attention_mass_measured"), 0.3);
  EXPECT_LT(json.at("attention_mass_measured"), 1.0);
  EXPECT_EQ(json.at("layer_mass_measured").size(), json.at("layer_density").size());
}

TEST_F(CliSparse, TheDraftSelectorNeedsADraft) {
  for (const QStringList& command :
       {QStringList{"perplexity", "--mode", "sparse"}, {"evaluate", "--selectors", "draft"}}) {
    const CliOutcome outcome = s_cli->run(command + QStringList{"--file", s_files[0], "--draft", "none"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_TRUE(outcome.err.contains("draft")) << outcome.err.toStdString();
  }
}

TEST_F(CliSparse, EvaluateWritesTableNumbersAndPlot) {
  const QString folder = s_cli->path("results/deep");
  const CliOutcome outcome =
      s_cli->run({"evaluate", "--file", s_files[0], "--file", s_files[1], "--context", "256", "--selectors",
                  "draft,streaming", "--p", "0.5,0.8", "--budgets", "0.25", "--jobs", "2", "--threads", "1",
                  "--output", folder});
  ASSERT_EQ(outcome.status, 0) << outcome.err.toStdString();
  EXPECT_EQ(outcome.out.count('\n'), 2 + 3);
  EXPECT_TRUE(readAll(folder + "/evaluation.md").contains(outcome.out)) << "the table is the one printed";
  EXPECT_TRUE(readAll(folder + "/evaluation.svg").endsWith("</svg>\n"));
  const QByteArray csv = readAll(folder + "/evaluation.csv");
  EXPECT_EQ(csv.count('\n'), 1 + 3);
  const QByteArray texts = readAll(folder + "/evaluation_texts.csv");
  EXPECT_EQ(texts.count('\n'), 1 + 3 * 2);
  EXPECT_TRUE(texts.contains("\"second, of two.txt\""));
  const QList<QByteArray> lines = csv.split('\n');
  EXPECT_EQ(lines[1].count(','), lines[0].count(',')) << "as many columns as the header has";
  EXPECT_TRUE(lines[0].contains("density_layer_15") && lines[0].contains("increase_quarter_4"));
  EXPECT_FALSE(csv.contains("nan"));
}

TEST_F(CliSparse, EvaluateAgreesWithPerplexityWhateverTheNumberOfJobs) {
  const QStringList command = {"evaluate",  "--folder", QFileInfo(s_files[0]).path(),
                               "--context", "256",      "--selectors",
                               "draft",     "--p",      "0.7",
                               "--threads", "1",        "--json"};
  Json one = parsed(s_cli->run(command));
  Json two = parsed(s_cli->run(command + QStringList{"--jobs", "2"}));
  for (Json* json : {&one, &two}) json->at("rows").at(0).erase("seconds");
  EXPECT_EQ(one, two);
  EXPECT_EQ(one.at("texts"), Json({"first.txt", "second, of two.txt"}));

  const Json alone = parsed(s_cli->run({"evaluate", "--file", s_files[0], "--context", "256", "--selectors",
                                        "draft", "--p", "0.7", "--threads", "1", "--json"}));
  const Json perplexity =
      parsed(s_cli->run({"perplexity", "--file", s_files[0], "--context", "256", "--tokens", "256", "--mode",
                         "sparse", "--p", "0.7", "--threads", "1"}));
  EXPECT_EQ(alone.at("rows").at(0).at("perplexity"), perplexity.at("perplexity"));
  EXPECT_EQ(alone.at("rows").at(0).at("kv_reads_saved"), perplexity.at("kv_reads_saved"));
}

}  // namespace
}  // namespace fovea::test

int main(int argumentCount, char** arguments) {
  const QCoreApplication application(argumentCount, arguments);
  testing::InitGoogleTest(&argumentCount, arguments);
  return RUN_ALL_TESTS();
}

// The command line with the embedded pair: what it computes, what it keeps, and how it ends.
#include <gtest/gtest.h>
#include <csignal>

#include <QCoreApplication>
#include <QFile>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/cli_process.h"

namespace fovea::test {
namespace {

using Json = nlohmann::json;

const QString kDraft = QStringLiteral(FOVEA_EMBEDDED_MODELS "/fovea-draft-q8_0.gguf");

Json parsed(const CliOutcome& outcome) {
  EXPECT_EQ(outcome.status, 0) << outcome.err.toStdString();
  return Json::parse(outcome.out.toStdString(), nullptr, false);
}

TEST(CliGenerate, GreedySpeculativeEqualsDense) {
  const CliProcess cli;
  const QStringList common = {"generate",
                              "--prompt",
                              "It was a dark and stormy night",
                              "--raw",
                              "--json",
                              "--seed",
                              "1",
                              "--max-tokens",
                              "120",
                              "--temperature",
                              "0",
                              "--repetition-penalty",
                              "1"};
  const Json dense = parsed(cli.run(common + QStringList{"--mode", "dense"}));
  const Json speculative = parsed(cli.run(common + QStringList{"--mode", "speculative"}));
  EXPECT_EQ(dense.at("token_ids"), speculative.at("token_ids"));
  EXPECT_EQ(dense.at("text"), speculative.at("text"));
  EXPECT_EQ(dense.at("proposed"), 0);
  EXPECT_GT(speculative.at("accepted"), 0);
  EXPECT_EQ(dense.at("mode"), "dense");
  EXPECT_EQ(speculative.at("mode"), "speculative");
}

TEST(CliGenerate, JsonHasTheDocumentedKeysInOrder) {
  const CliOutcome outcome =
      CliProcess().run({"generate", "--prompt", "Hello", "--json", "--max-tokens", "8"});
  ASSERT_EQ(outcome.status, 0) << outcome.err.toStdString();
  const auto json = nlohmann::ordered_json::parse(outcome.out.toStdString());
  std::vector<std::string> keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"text",
                                            "token_ids",
                                            "prompt_tokens",
                                            "generated_tokens",
                                            "prefill_seconds",
                                            "decode_seconds",
                                            "tokens_per_second",
                                            "proposed",
                                            "accepted",
                                            "acceptance_rate",
                                            "kv_entries_read",
                                            "kv_entries_dense",
                                            "kv_reads_saved",
                                            "attention_mass_kept",
                                            "mode",
                                            "backend",
                                            "threads",
                                            "passes",
                                            "agreement",
                                            "draft_kv_entries_read",
                                            "draft_seconds",
                                            "select_seconds",
                                            "verify_seconds",
                                            "sample_seconds"}));
  EXPECT_LE(json.at("generated_tokens").get<int>(), 8);
  EXPECT_EQ(json.at("generated_tokens").get<std::size_t>(), json.at("token_ids").size());
}

TEST(CliGenerate, TheSameSeedGivesTheSameText) {
  const CliProcess cli;
  const QStringList command = {"generate", "--file", "-", "--seed", "7", "--max-tokens", "24"};
  const CliOutcome first = cli.run(command, "Tell me about the sea.\n");
  const CliOutcome second = cli.run(command, "Tell me about the sea.\n");
  EXPECT_EQ(first.status, 0) << first.err.toStdString();
  EXPECT_EQ(first.out, second.out);
  EXPECT_TRUE(first.out.endsWith('\n'));
}

TEST(CliGenerate, AnInterruptEndsItWithStatus130) {
  const CliProcess cli;
  QProcess process;
  cli.start(process, {"generate", "--raw", "--prompt", "Once upon a time", "--max-tokens", "3000", "--mode",
                      "dense", "--threads", "1"});
  ASSERT_TRUE(process.waitForReadyRead(60'000));
  ::kill(static_cast<pid_t>(process.processId()), SIGINT);
  const CliOutcome outcome = CliProcess::finish(process);
  EXPECT_EQ(outcome.status, 130);
}

TEST(CliGenerate, DamagedModelsGiveErrorsAndNeverACrash) {
  const CliProcess cli;
  const QString copy = cli.path("damaged.gguf");
  ASSERT_TRUE(QFile::copy(kDraft, copy));
  QFile file(copy);
  ASSERT_TRUE(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
  ASSERT_TRUE(file.open(QIODevice::ReadWrite));
  const QStringList command = {"generate", "--raw",   "--prompt", "x",       "--max-tokens",
                               "2",        "--draft", "none",     "--model", copy};
  for (qint64 byte = 3; byte < 300'000; byte = byte < 1000 ? byte + 61 : byte * 2) {
    char original = 0;
    ASSERT_TRUE(file.seek(byte) && file.getChar(&original));
    ASSERT_TRUE(file.seek(byte) && file.putChar(static_cast<char>(original ^ 0xFF)) && file.flush());
    const CliOutcome outcome = cli.run(command);
    EXPECT_FALSE(outcome.crashed) << "flipped byte " << byte;
    EXPECT_TRUE(outcome.status >= 0 && outcome.status <= 2)
        << "flipped byte " << byte << ": " << outcome.status;
    ASSERT_TRUE(file.seek(byte) && file.putChar(original) && file.flush());
  }
  for (const qint64 length : {5'000'000, 300'000, 5'000, 30}) {
    ASSERT_TRUE(file.resize(length));
    const CliOutcome outcome = cli.run(command);
    EXPECT_EQ(outcome.status, 2) << length << " bytes";
    EXPECT_EQ(outcome.err.count('\n'), 1) << outcome.err.toStdString();
  }
}

TEST(CliLogits, WritesOneFloatPerToken) {
  const CliProcess cli;
  const QString output = cli.path("logits.f32");
  const CliOutcome outcome = cli.run({"logits", "--ids", "1,543,352,264,1840", "--output", output});
  ASSERT_EQ(outcome.status, 0) << outcome.err.toStdString();
  QFile file(output);
  ASSERT_TRUE(file.open(QIODevice::ReadOnly));
  EXPECT_EQ(file.size(), 8192 * 4);
  EXPECT_EQ(cli.run({"logits", "--ids", "1,8192", "--output", output}).status, 2);
  EXPECT_EQ(cli.run({"logits", "--ids", "1", "--output", cli.path("no/such/folder")}).status, 1);
}

TEST(CliPerplexity, ScoresNineTenthsOfEachWindow) {
  const CliProcess cli;
  QByteArray text;
  for (int i = 0; i < 60; ++i) text += "The sea was calm and the night came over the hill. ";
  const CliOutcome outcome =
      cli.run({"perplexity", "--file", "-", "--context", "100", "--tokens", "200", "--json"}, text);
  const Json json = parsed(outcome);
  EXPECT_EQ(json.size(), 3U);
  EXPECT_EQ(json.at("tokens"), 180);
  EXPECT_GT(json.at("perplexity"), 1.0);
  EXPECT_LT(json.at("perplexity"), 30.0);  // it repeats itself
  EXPECT_GT(json.at("seconds"), 0.0);
  EXPECT_EQ(cli.run({"perplexity", "--file", "-"}, "Too short.").status, 2);
}

TEST(CliChat, KeepsTheConversationForTheNextStart) {
  const CliProcess cli;
  const QStringList chat = {"chat", "--temperature", "0", "--max-tokens", "12", "--json"};
  const CliOutcome first = cli.run(chat, "My name is Ada.\nWhat is my name?\n");
  ASSERT_EQ(first.status, 0) << first.err.toStdString();
  EXPECT_EQ(first.out.count('\n'), 2) << "one JSON object an answer: " << first.out.toStdString();
  EXPECT_TRUE(QFile::exists(cli.path("data/fovea/conversations.db")));

  const CliOutcome list = cli.run(chat, "/list\n");
  EXPECT_TRUE(list.out.contains("My name is Ada.")) << list.out.toStdString();
  EXPECT_EQ(list.out.count('\n'), 1);

  // The continued conversation is longer than a new one with the same question.
  const Json continued = parsed(cli.run(chat + QStringList{"--continue"}, "And now?\n"));
  const Json opened = parsed(cli.run(chat, "/open 1\nAnd now?\n"));
  const Json fresh = parsed(cli.run(chat, "And now?\n"));
  EXPECT_GT(continued.at("prompt_tokens").get<int>(), fresh.at("prompt_tokens").get<int>() + 10);
  EXPECT_GT(opened.at("prompt_tokens").get<int>(), continued.at("prompt_tokens").get<int>());
}

TEST(CliChat, RecordsWhatItsAnswersReadForStatistics) {
  const CliProcess cli;
  EXPECT_EQ(cli.run({"chat", "--temperature", "0", "--max-tokens", "12"}, "Who are you?\nWhy?\n").status, 0);
  const QString csv = cli.path(QStringLiteral("steps.csv"));
  EXPECT_EQ(cli.run({"statistics", "--output", csv}).status, 0);
  QFile steps(csv);
  ASSERT_TRUE(steps.open(QIODevice::ReadOnly));
  EXPECT_GT(steps.readAll().count('\n'), 3);
  const QString json = cli.path(QStringLiteral("all.json"));
  EXPECT_EQ(cli.run({"statistics", "--output", json}).status, 0);
  QFile all(json);
  ASSERT_TRUE(all.open(QIODevice::ReadOnly));
  EXPECT_EQ(Json::parse(all.readAll().toStdString()).at("answers").size(), 2U);
#if FOVEA_WITH_CHARTS
  const QString png = cli.path(QStringLiteral("charts.png"));
  const CliOutcome drawn = cli.run({"statistics", "--output", png});
  EXPECT_EQ(drawn.status, 0) << drawn.err.toStdString();
  QFile charts(png);
  ASSERT_TRUE(charts.open(QIODevice::ReadOnly));
  EXPECT_TRUE(charts.readAll().startsWith("\x89PNG"));
  const CliOutcome refused = cli.run({"statistics", "--output", QStringLiteral("/proc/fovea/charts.png")});
  EXPECT_EQ(refused.status, 1);
  EXPECT_TRUE(refused.err.contains("cannot be written")) << refused.err.toStdString();
#endif
}

TEST(CliChat, ObeysItsCommandsWhenPiped) {
  const CliProcess cli;
  const CliOutcome help = cli.run({"chat"}, "/help\n/stats\n/quit\nnever asked\n");
  EXPECT_EQ(help.status, 0) << help.err.toStdString();
  EXPECT_TRUE(help.out.contains("/system TEXT"));
  EXPECT_TRUE(help.out.contains("No answer yet."));
  const CliOutcome wrong = cli.run({"chat"}, "/dance\n/open 7\n");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_TRUE(wrong.err.contains("/dance") && wrong.err.contains("/open"));
}

}  // namespace
}  // namespace fovea::test

int main(int argumentCount, char** arguments) {
  const QCoreApplication application(argumentCount, arguments);
  testing::InitGoogleTest(&argumentCount, arguments);
  return RUN_ALL_TESTS();
}

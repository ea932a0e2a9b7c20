// The command line without a loaded model: what it refuses and how, its help, and what `info` and `tokenize`
// say.
#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QFile>
#include <nlohmann/json.hpp>

#include "tests/cli/cli_process.h"

namespace fovea::test {
namespace {

using Json = nlohmann::json;

const QString kVerifier = QStringLiteral(FOVEA_EMBEDDED_MODELS "/fovea-verifier-q4_0.gguf");
const QString kDraft = QStringLiteral(FOVEA_EMBEDDED_MODELS "/fovea-draft-q8_0.gguf");

// Status 2, nothing on stdout, one line on stderr that holds `expected`.
void expectUsageError(const QStringList& arguments, const QByteArray& expected) {
  const CliProcess cli;
  const CliOutcome outcome = cli.run(arguments);
  const std::string call = arguments.join(' ').toStdString();
  EXPECT_EQ(outcome.status, 2) << call;
  EXPECT_TRUE(outcome.out.isEmpty()) << call << outcome.out.toStdString();
  EXPECT_EQ(outcome.err.count('\n'), 1) << call << outcome.err.toStdString();
  EXPECT_TRUE(outcome.err.startsWith("fovea-cli: ")) << outcome.err.toStdString();
  EXPECT_TRUE(outcome.err.contains(expected)) << call << ": " << outcome.err.toStdString();
}

TEST(CliUsage, RefusesWhatItDoesNotKnow) {
  expectUsageError({}, "--help");
  expectUsageError({"dance"}, "dance");
  expectUsageError({"generate", "--prompt", "x", "--colour"}, "--colour");
  for (const char* command : {"chat", "perplexity", "align", "evaluate", "tokenize", "logits", "info",
                              "bench", "statistics", "synthesize"}) {
    expectUsageError({command, "--no-such-option"}, "");
  }
}

TEST(CliUsage, RefusesValuesThatMakeNoSense) {
  expectUsageError({"generate", "--prompt", "x", "--mode", "fast"}, "--mode");
  expectUsageError({"generate", "--prompt", "x", "--backend", "abacus"}, "--backend");
  expectUsageError({"generate", "--prompt", "x", "--threads", "-1"}, "--threads");
  expectUsageError({"generate", "--prompt", "x", "--threads", "many"}, "--threads");
  expectUsageError({"generate", "--prompt", "x", "--max-tokens", "99999999999999"}, "--max-tokens");
  expectUsageError({"generate", "--prompt", "x", "--file", "y"}, "--prompt");
  expectUsageError({"generate", "--prompt", "x", "--raw", "--chat"}, "--raw");
  expectUsageError({"generate", "--prompt", "x", "--raw", "--system", "y"}, "--system");
  expectUsageError({"generate", "--prompt", "x", "--mode", "speculative", "--draft", "none"}, "--draft");
  expectUsageError({"generate"}, "--prompt");
  expectUsageError({"perplexity"}, "--file");
  expectUsageError({"tokenize"}, "--text");
  expectUsageError({"logits", "--ids", "1,x", "--output", "f"}, "--ids");
}

TEST(CliUsage, RefusesSelectionsThatMakeNoSense) {
  for (const QStringList& command :
       {QStringList{"generate", "--prompt", "x"}, {"chat"}, {"perplexity", "--file", "x"}}) {
    expectUsageError(command + QStringList{"--selector", "guess"}, "--selector");
    expectUsageError(command + QStringList{"--attention-top-p", "1.5"}, "--attention-top-p");
    expectUsageError(command + QStringList{"--p", "-0.1"}, "--attention-top-p");
    expectUsageError(command + QStringList{"--budget", "2"}, "--budget");
    expectUsageError(command + QStringList{"--map", "world"}, "--map");
    expectUsageError(command + QStringList{"--rows", "median"}, "--rows");
    expectUsageError(command + QStringList{"--search", "binary"}, "--search");
    expectUsageError(command + QStringList{"--sinks", "-1"}, "--sinks");
  }
  expectUsageError({"perplexity", "--file", "x", "--mode", "exact"}, "--mode");
  expectUsageError({"perplexity", "--file", "x", "--gamma", "0"}, "--gamma");
  expectUsageError({"perplexity", "--file", "x", "--mode", "sparse", "--p", "nan"}, "attention_top_p");
  expectUsageError({"evaluate"}, "--folder");
  expectUsageError({"evaluate", "--file", "x", "--selectors", "draft,guess"}, "--selectors");
  expectUsageError({"evaluate", "--file", "x", "--p", "0.5,1.5"}, "--attention-top-p");
  expectUsageError({"evaluate", "--file", "x", "--budgets", "-1"}, "--budgets");
  expectUsageError({"evaluate", "--file", "x", "--jobs", "0"}, "--jobs");
  expectUsageError({"align", "--draft", "none"}, "draft");
  expectUsageError({"bench", "--density", "0.1"}, "--replay-acceptance");
  expectUsageError({"bench", "--replay-acceptance", "0.7"}, "--density");
  const QStringList cycles{"bench", "--density", "0.1", "--replay-acceptance", "0.7"};
  expectUsageError(cycles + QStringList{"--draft", "none"}, "draft");
  expectUsageError(cycles + QStringList{"--draft-tokens", "17"}, "--draft-tokens");
  expectUsageError({"bench", "--density", "0.1,2", "--replay-acceptance", "0.7"}, "--density");
  expectUsageError({"bench", "--density", "0.1", "--replay-acceptance", "1.5"}, "--replay-acceptance");
}

TEST(CliUsage, TheHelpTellsTheTwoTopPApart) {
  const CliOutcome help = CliProcess().run({"generate", "--help"});
  EXPECT_TRUE(help.out.contains("Sampling top-p")) << help.out.toStdString();
  EXPECT_TRUE(help.out.contains("Attention top-p")) << help.out.toStdString();
  EXPECT_FALSE(help.out.contains('{')) << "the parser's own notation: " << help.out.toStdString();
}

TEST(CliUsage, RefusesFilesThatAreNotThere) {
  const QString nowhere = "no/such/file";
  expectUsageError({"info", nowhere}, "no/such/file");
  expectUsageError({"tokenize", "--text", "x", "--model", nowhere}, "no/such/file");
  expectUsageError({"tokenize", "--file", nowhere}, "no/such/file");
  expectUsageError({"generate", "--file", nowhere}, "no/such/file");
  expectUsageError({"generate", "--prompt", "x", "--model", nowhere}, "no/such/file");
  expectUsageError({"generate", "--prompt", "x", "--draft", nowhere}, "no/such/file");
  expectUsageError({"perplexity", "--file", nowhere}, "no/such/file");
  expectUsageError({"bench", "--model", nowhere}, "no/such/file");
  expectUsageError({"align", "--file", nowhere}, "no/such/file");
  expectUsageError({"align", "--draft", nowhere}, "no/such/file");
  expectUsageError({"evaluate", "--file", nowhere}, "no/such/file");
  expectUsageError({"evaluate", "--folder", nowhere}, "no/such/file");
  expectUsageError({"evaluate", "--folder", FOVEA_EMBEDDED_MODELS}, ".txt");
  expectUsageError({"generate", "--prompt", "x", "--model", "/"}, "folder");
}

TEST(CliUsage, RefusesFilesOfAnotherFormat) {
  const CliProcess cli;
  QFile text(cli.path("text.gguf"));
  ASSERT_TRUE(text.open(QIODevice::WriteOnly));
  text.write("This is not a model, however long one looks at it.\n");
  text.close();
  for (const QStringList& command :
       {QStringList{"info"}, {"tokenize", "--text", "x"}, {"generate", "--prompt", "x"}}) {
    expectUsageError(command + QStringList{"--model", text.fileName()}, "text.gguf");
  }
}

TEST(CliUsage, HelpExplainsEveryCommand) {
  const CliProcess cli;
  const CliOutcome all = cli.run({"--help"});
  EXPECT_EQ(all.status, 0);
  for (const char* command : {"chat", "generate", "perplexity", "align", "evaluate", "tokenize", "logits",
                              "info", "bench", "synthesize"}) {
    EXPECT_TRUE(all.out.contains(command)) << command;
    const CliOutcome help = cli.run({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_TRUE(help.err.isEmpty()) << command;
    const bool reads = QByteArray(command) != "synthesize";  // a model
    EXPECT_TRUE(!reads || help.out.contains("--model")) << help.out.toStdString();
    EXPECT_TRUE(help.out.contains("--json")) << help.out.toStdString();
    EXPECT_TRUE(help.out.contains(QByteArray("fovea-cli ") + command)) << "an example of " << command;
  }
}

TEST(CliUsage, TellsItsVersion) {
  const CliOutcome outcome = CliProcess().run({"--version"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "fovea-cli " FOVEA_VERSION "\n");
}

TEST(CliTokenize, MatchesTheGoldenIds) {
  QFile file(FOVEA_TEST_DATA "/golden/reference.json");
  if (!file.open(QIODevice::ReadOnly)) GTEST_SKIP() << "no golden values in tests/data";
  const Json golden = Json::parse(file.readAll().toStdString());
  const CliProcess cli;
  for (const Json& sample : golden.at("tokenization")) {
    const CliOutcome outcome =
        cli.run({"tokenize", "--file", "-"}, QByteArray::fromStdString(sample.at("text").get<std::string>()));
    ASSERT_EQ(outcome.status, 0) << outcome.err.toStdString();
    const Json tokens = Json::parse(outcome.out.toStdString());
    EXPECT_EQ(tokens.at("ids"), sample.at("ids")) << sample.at("text");
    EXPECT_EQ(tokens.at("pieces").size(), tokens.at("ids").size());
  }
}

TEST(CliTokenize, NeverMakesControlTokensFromText) {
  const CliOutcome outcome = CliProcess().run({"tokenize", "--text", "<s><|user|></s>"});
  ASSERT_EQ(outcome.status, 0) << outcome.err.toStdString();
  const Json json = Json::parse(outcome.out.toStdString());
  for (const Json& id : json.at("ids")) EXPECT_GT(id.get<int>(), 5);
}

TEST(CliInfo, DescribesTheEmbeddedModel) {
  const CliProcess cli;
  const CliOutcome table = cli.run({"info"});
  EXPECT_EQ(table.status, 0) << table.err.toStdString();
  EXPECT_TRUE(table.out.contains("llama.block_count") && table.out.contains("token_embd.weight"));
  const CliOutcome outcome = cli.run({"info", kDraft, "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err.toStdString();
  const Json info = Json::parse(outcome.out.toStdString());
  EXPECT_EQ(info.at("metadata").at("general.architecture"), "llama");
  EXPECT_EQ(info.at("metadata").at("llama.block_count"), 6);
  EXPECT_FALSE(info.at("tensors").empty());
}

TEST(CliInfo, SurvivesTruncatedAndFlippedFiles) {
  const CliProcess cli;
  const QString copy = cli.path("damaged.gguf");
  ASSERT_TRUE(QFile::copy(kDraft, copy));
  QFile file(copy);
  ASSERT_TRUE(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
  ASSERT_TRUE(file.open(QIODevice::ReadWrite));
  // The header and the first keys lie in the first bytes, the vocabulary and the tensor table behind them.
  for (qint64 byte = 0; byte < 400'000; byte = byte < 400 ? byte + 23 : byte * 2) {
    char original = 0;
    ASSERT_TRUE(file.seek(byte) && file.getChar(&original));
    ASSERT_TRUE(file.seek(byte) && file.putChar(static_cast<char>(original ^ 0xFF)) && file.flush());
    const CliOutcome outcome = cli.run({"info", copy});
    EXPECT_FALSE(outcome.crashed) << "flipped byte " << byte;
    EXPECT_TRUE(outcome.status == 0 || outcome.status == 2)
        << "flipped byte " << byte << ": " << outcome.status;
    ASSERT_TRUE(file.seek(byte) && file.putChar(original) && file.flush());
  }
  for (const qint64 length : {1'000'000, 200'000, 20'000, 400, 100, 24, 23, 8, 4, 3, 0}) {
    ASSERT_TRUE(file.resize(length));
    const CliOutcome outcome = cli.run({"info", copy});
    EXPECT_EQ(outcome.status, 2) << length << " bytes";
    EXPECT_EQ(outcome.err.count('\n'), 1) << outcome.err.toStdString();
  }
}

}  // namespace
}  // namespace fovea::test

int main(int argumentCount, char** arguments) {
  const QCoreApplication application(argumentCount, arguments);
  testing::InitGoogleTest(&argumentCount, arguments);
  return RUN_ALL_TESTS();
}

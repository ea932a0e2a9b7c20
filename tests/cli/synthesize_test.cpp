// fovea-cli synthesize as a process: what it writes is a model, and what it refuses.
#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <nlohmann/json.hpp>

#include "tests/cli/cli_process.h"

namespace fovea::test {
namespace {

using Json = nlohmann::json;

const QStringList kSmall{"synthesize", "--shape",      "custom",  "--layers",  "1",
                         "--width",    "64",           "--heads", "2",         "--feed-forward",
                         "96",         "--vocabulary", "300",     "--context", "128"};

QByteArray contentOf(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// Status, nothing on stdout, one line on stderr that holds `expected`.
void expectRefused(const CliProcess& cli, const QStringList& arguments, int status,
                   const QByteArray& expected) {
  const CliOutcome outcome = cli.run(arguments);
  EXPECT_EQ(outcome.status, status) << arguments.join(' ').toStdString();
  EXPECT_TRUE(outcome.out.isEmpty()) << outcome.out.toStdString();
  EXPECT_EQ(outcome.err.count('\n'), 1) << outcome.err.toStdString();
  EXPECT_TRUE(outcome.err.contains(expected)) << outcome.err.toStdString();
}

TEST(CliSynthesize, WritesAModelThatGenerates) {
  const CliProcess cli;
  const QString path = cli.path("model.gguf");
  const CliOutcome outcome = cli.run(kSmall + QStringList{"--dtype", "q8_0", "--output", path, "--json"});
  ASSERT_EQ(outcome.status, 0) << outcome.err.toStdString();
  EXPECT_TRUE(outcome.err.isEmpty()) << outcome.err.toStdString();
  const Json json = Json::parse(outcome.out.toStdString());
  EXPECT_EQ(json.at("shape"), "custom");
  EXPECT_EQ(json.at("synthetic"), true);
  EXPECT_EQ(json.at("bytes"), QFile(path).size());

  const CliOutcome info = cli.run({"info", path, "--json"});
  ASSERT_EQ(info.status, 0) << info.err.toStdString();
  EXPECT_EQ(Json::parse(info.out.toStdString()).at("metadata").at("general.name"), "synthetic custom");
  const CliOutcome answer = cli.run({"generate", "--raw", "--prompt", "Hello", "--model", path, "--draft",
                                     path, "--max-tokens", "8", "--temperature", "0", "--json"});
  ASSERT_EQ(answer.status, 0) << answer.err.toStdString();
  EXPECT_EQ(Json::parse(answer.out.toStdString()).at("generated_tokens"), 8);
}

TEST(CliSynthesize, ReplacesAFileOnlyWhenForced) {
  const CliProcess cli;
  const QString path = cli.path("model.gguf");
  const QStringList arguments = kSmall + QStringList{"--output", path};
  ASSERT_EQ(cli.run(arguments).status, 0);
  const QByteArray first = contentOf(path);
  expectRefused(cli, arguments + QStringList{"--seed", "2"}, 2, "--force");
  EXPECT_EQ(contentOf(path), first);
  ASSERT_EQ(cli.run(arguments + QStringList{"--force"}).status, 0);
  EXPECT_EQ(contentOf(path), first) << "the same seed";
  ASSERT_EQ(cli.run(arguments + QStringList{"--seed", "2", "--force"}).status, 0);
  EXPECT_NE(contentOf(path), first) << "another seed";
}

TEST(CliSynthesize, RefusesWhatIsNoModel) {
  const CliProcess cli;
  const QString path = cli.path("new/model.gguf");
  const QStringList output{"--output", path};
  expectRefused(cli, QStringList{"synthesize"} + output, 2, "--shape");
  expectRefused(cli, QStringList{"synthesize", "--shape", "llama-9"} + output, 2, "--shape");
  expectRefused(cli, {"synthesize", "--shape", "llama-2-7b"}, 2, "--output");
  expectRefused(cli, QStringList{"synthesize", "--shape", "llama-2-7b", "--layers", "2"} + output, 2,
                "--layers");
  expectRefused(cli, QStringList{"synthesize", "--shape", "custom", "--layers", "2"} + output, 2, "--width");
  expectRefused(cli, kSmall + output + QStringList{"--dtype", "q2_k"}, 2, "--dtype");
  expectRefused(cli, kSmall + output + QStringList{"--kv-heads", "3"}, 2, "3 KV heads");
  expectRefused(cli, kSmall + output + QStringList{"--head-dim", "0"}, 2, "--head-dim");
  expectRefused(cli, kSmall + QStringList{"--output", "/"}, 2, "folder");
  EXPECT_FALSE(QFile::exists(path));
}

TEST(CliSynthesize, SaysWhyItCannotWrite) {
  const CliProcess cli;
  const QString file = cli.path("file");
  ASSERT_TRUE(QFile(file).open(QIODevice::WriteOnly));
  expectRefused(cli, kSmall + QStringList{"--output", file + "/model.gguf"}, 1, "cannot be written");
}

}  // namespace
}  // namespace fovea::test

int main(int argumentCount, char** arguments) {
  const QCoreApplication application(argumentCount, arguments);
  testing::InitGoogleTest(&argumentCount, arguments);
  return RUN_ALL_TESTS();
}

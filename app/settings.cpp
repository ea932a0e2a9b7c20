#include "app/settings.h"

#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <QStringList>
#include <QVariant>
#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "app/paths.h"

namespace fovea::app {
namespace {

QString fromView(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// A text value; commas that somebody typed without quotes make a list of it, which is put together again.
QString readText(const QSettings& file, const QString& key) {
  const QVariant value = file.value(key);
  return value.typeId() == QMetaType::QStringList ? value.toStringList().join(QStringLiteral(", "))
                                                  : value.toString();
}

/// A whole number that an int holds. QVariant's own conversion would cut off the upper bits of a larger one.
std::optional<int> readInt(const QSettings& file, const QString& key) {
  bool ok = false;
  const qlonglong value = file.value(key).toString().toLongLong(&ok);
  if (!ok || value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
    return std::nullopt;
  return static_cast<int>(value);
}

/// The number under `key` if it lies in [0, max].
std::optional<int> readCount(const QSettings& file, const QString& key, int max) {
  const auto value = readInt(file, key);
  return value && *value >= 0 && *value <= max ? value : std::nullopt;
}

/// Reads one field of the generation options and keeps it if the engine accepts it: the limits stand there,
/// once.
class OptionsReader {
 public:
  OptionsReader(const QSettings& file, GenerationOptions& options) : m_file(file), m_options(options) {}

  template <typename Access, typename Enum>
  void choice(const char* key, Access access, std::optional<Enum> (*fromString)(std::string_view)) {
    const std::string name = m_file.value(QLatin1String(key)).toString().toStdString();
    if (const std::optional<Enum> value = fromString(name)) access(m_options) = *value;
  }

  template <typename Access>
  void real(const char* key, Access access) {
    bool ok = false;
    const float value = m_file.value(QLatin1String(key)).toFloat(&ok);
    if (ok) keep(access, value);
  }
  template <typename Access>
  void integer(const char* key, Access access) {
    if (const auto value = readInt(m_file, QLatin1String(key))) keep(access, *value);
  }

 private:
  template <typename Access, typename Value>
  void keep(Access access, Value value) {
    GenerationOptions candidate = m_options;
    access(candidate) = value;
    if (validate(candidate)) m_options = candidate;
  }

  const QSettings& m_file;
  GenerationOptions& m_options;
};

void readGeneration(const QSettings& file, GenerationOptions& options) {
  OptionsReader reader(file, options);
  reader.choice(
      "generation/mode", [](GenerationOptions& o) -> Mode& { return o.mode; }, mode_from_string);
  reader.choice(
      "sparsity/selector", [](GenerationOptions& o) -> SelectorKind& { return o.sparsity.selector; },
      selector_from_string);
  reader.integer("generation/max_tokens", [](GenerationOptions& o) -> int& { return o.max_tokens; });
  reader.integer("generation/draft_tokens", [](GenerationOptions& o) -> int& { return o.draft_tokens; });
  reader.real("sampling/temperature", [](GenerationOptions& o) -> float& { return o.sampling.temperature; });
  reader.integer("sampling/top_k", [](GenerationOptions& o) -> int& { return o.sampling.top_k; });
  reader.real("sampling/top_p", [](GenerationOptions& o) -> float& { return o.sampling.top_p; });
  reader.real("sampling/min_p", [](GenerationOptions& o) -> float& { return o.sampling.min_p; });
  reader.real("sampling/repetition_penalty",
              [](GenerationOptions& o) -> float& { return o.sampling.repetition_penalty; });
  reader.integer("sampling/repetition_window",
                 [](GenerationOptions& o) -> int& { return o.sampling.repetition_window; });
  reader.real("sparsity/attention_top_p",
              [](GenerationOptions& o) -> float& { return o.sparsity.attention_top_p; });
  reader.real("sparsity/budget", [](GenerationOptions& o) -> float& { return o.sparsity.budget; });
  reader.integer("sparsity/sinks", [](GenerationOptions& o) -> int& { return o.sparsity.sinks; });
  reader.integer("sparsity/window", [](GenerationOptions& o) -> int& { return o.sparsity.window; });
  reader.integer("sparsity/dense_layers",
                 [](GenerationOptions& o) -> int& { return o.sparsity.dense_layers; });
  bool ok = false;
  const qulonglong seed = file.value(QStringLiteral("sampling/seed")).toString().toULongLong(&ok);
  if (ok) options.sampling.seed = seed;
}

/// Nine digits bring back every float exactly.
QString realText(float value) {
  return QString::number(static_cast<double>(value), 'g', 9);
}

void writeGeneration(QSettings& file, const GenerationOptions& generation) {
  const SamplingOptions& sampling = generation.sampling;
  file.setValue(QStringLiteral("generation/mode"), fromView(to_string(generation.mode)));
  file.setValue(QStringLiteral("generation/max_tokens"), generation.max_tokens);
  file.setValue(QStringLiteral("generation/draft_tokens"), generation.draft_tokens);
  const SparsityOptions& sparsity = generation.sparsity;
  file.setValue(QStringLiteral("sparsity/selector"), fromView(to_string(sparsity.selector)));
  file.setValue(QStringLiteral("sparsity/budget"), realText(sparsity.budget));
  file.setValue(QStringLiteral("sparsity/attention_top_p"), realText(sparsity.attention_top_p));
  file.setValue(QStringLiteral("sparsity/sinks"), sparsity.sinks);
  file.setValue(QStringLiteral("sparsity/window"), sparsity.window);
  file.setValue(QStringLiteral("sparsity/dense_layers"), sparsity.dense_layers);
  file.setValue(QStringLiteral("sampling/temperature"), realText(sampling.temperature));
  file.setValue(QStringLiteral("sampling/top_k"), sampling.top_k);
  file.setValue(QStringLiteral("sampling/top_p"), realText(sampling.top_p));
  file.setValue(QStringLiteral("sampling/min_p"), realText(sampling.min_p));
  file.setValue(QStringLiteral("sampling/repetition_penalty"), realText(sampling.repetition_penalty));
  file.setValue(QStringLiteral("sampling/repetition_window"), sampling.repetition_window);
  file.setValue(QStringLiteral("sampling/seed"), QString::number(sampling.seed));
}

QList<Preset> readPresets(QSettings& file) {
  QList<Preset> presets;
  const int count = file.beginReadArray(QStringLiteral("presets"));
  for (int i = 0; i < count; ++i) {
    file.setArrayIndex(i);
    Preset preset{readText(file, QStringLiteral("name")).trimmed(), chatDefaults()};
    readGeneration(file, preset.generation);
    const bool known = std::any_of(presets.cbegin(), presets.cend(),
                                   [&](const Preset& other) { return other.name == preset.name; });
    if (!preset.name.isEmpty() && !known) presets.append(preset);
  }
  file.endArray();
  return presets;
}

void writePresets(QSettings& file, const QList<Preset>& presets) {
  file.remove(QStringLiteral("presets"));  // what a shorter list would leave behind
  file.beginWriteArray(QStringLiteral("presets"), static_cast<int>(presets.size()));
  for (int i = 0; i < presets.size(); ++i) {
    file.setArrayIndex(i);
    file.setValue(QStringLiteral("name"), presets.at(i).name);
    writeGeneration(file, presets.at(i).generation);
  }
  file.endArray();
}

QStringList readRecent(const QSettings& file, const QString& key) {
  QStringList paths = file.value(key).toStringList();
  paths.removeAll(QString());
  return paths.mid(0, Settings::kMaxRecent);
}

AppearanceSettings readAppearance(const QSettings& file) {
  AppearanceSettings appearance;
  appearance.theme = readText(file, QStringLiteral("appearance/theme"));
  appearance.language = readText(file, QStringLiteral("appearance/language"));
  const auto percent =
      readCount(file, QStringLiteral("appearance/font_percent"), AppearanceSettings::kMaxFontPercent);
  if (percent && *percent >= AppearanceSettings::kMinFontPercent) appearance.fontPercent = *percent;
  return appearance;
}

}  // namespace

GenerationOptions chatDefaults() {
  GenerationOptions options;
  options.sampling.temperature = 0.5F;
  options.sampling.repetition_penalty = 1.1F;
  return options;
}

Settings loadSettings(const QString& filePath) {
  QSettings file(filePath, QSettings::IniFormat);
  Settings settings;
  settings.verifierPath = readText(file, QStringLiteral("model/verifier"));
  settings.draftPath = readText(file, QStringLiteral("model/draft"));
  const auto backend =
      backend_from_string(file.value(QStringLiteral("model/backend")).toString().toStdString());
  settings.backend = backend.value_or(settings.backend);
  settings.threads =
      readCount(file, QStringLiteral("model/threads"), Settings::kMaxThreads).value_or(settings.threads);
  settings.contextTokens =
      readCount(file, QStringLiteral("model/context_tokens"), Settings::kMaxContextTokens)
          .value_or(settings.contextTokens);
  settings.systemPrompt = readText(file, QStringLiteral("chat/system_prompt"));
  readGeneration(file, settings.generation);
  settings.presets = readPresets(file);
  settings.recentVerifiers = readRecent(file, QStringLiteral("model/recent_verifiers"));
  settings.recentDrafts = readRecent(file, QStringLiteral("model/recent_drafts"));
  settings.appearance = readAppearance(file);
  settings.titlesByModel =
      file.value(QStringLiteral("chat/titles_by_model"), settings.titlesByModel).toBool();
  settings.welcomed = file.value(QStringLiteral("window/welcomed")).toBool();
  return settings;
}

bool saveSettings(const QString& filePath, const Settings& settings) {
  if (!QDir().mkpath(QFileInfo(filePath).path())) return false;
  QSettings file(filePath, QSettings::IniFormat);
  file.setValue(QStringLiteral("model/verifier"), settings.verifierPath);
  file.setValue(QStringLiteral("model/draft"), settings.draftPath);
  file.setValue(QStringLiteral("model/backend"), fromView(to_string(settings.backend)));
  file.setValue(QStringLiteral("model/threads"), settings.threads);
  file.setValue(QStringLiteral("model/context_tokens"), settings.contextTokens);
  file.setValue(QStringLiteral("chat/system_prompt"), settings.systemPrompt);
  file.setValue(QStringLiteral("chat/titles_by_model"), settings.titlesByModel);
  writeGeneration(file, settings.generation);
  writePresets(file, settings.presets);
  file.setValue(QStringLiteral("model/recent_verifiers"), settings.recentVerifiers);
  file.setValue(QStringLiteral("model/recent_drafts"), settings.recentDrafts);
  file.setValue(QStringLiteral("appearance/theme"), settings.appearance.theme);
  file.setValue(QStringLiteral("appearance/font_percent"), settings.appearance.fontPercent);
  file.setValue(QStringLiteral("appearance/language"), settings.appearance.language);
  file.setValue(QStringLiteral("window/welcomed"), settings.welcomed);
  file.sync();
  return file.status() == QSettings::NoError;
}

SessionOptions sessionOptions(const Settings& settings) {
  SessionOptions options;
  options.backend = settings.backend;
  options.threads = settings.threads;
  options.context_tokens = settings.contextTokens;
  options.alignment = alignmentOptions();
  const ModelFiles files =
      settings.modelForThisRun.value_or(ModelFiles{settings.verifierPath, settings.draftPath});
  options.verifier_path = files.verifier.toStdString();
  options.draft_path = files.draft.toStdString();
  if (!files.verifier.isEmpty()) return options;
  // Where the embedded pair is missing, the bare name lets the engine's error say which file it is about.
  const auto verifier = embeddedVerifierPath();
  options.verifier_path = verifier ? verifier.value().toStdString() : "fovea-verifier-q4_0.gguf";
  if (!files.draft.isEmpty()) return options;
  // Without a draft the chat still works, dense.
  const auto draft = embeddedDraftPath();
  if (draft) options.draft_path = draft.value().toStdString();
  return options;
}

}  // namespace fovea::app

#include "ui/settings_view_model.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "ui/builtin_presets.h"

namespace fovea::ui {
namespace {

constexpr double kAnyCount = std::numeric_limits<int>::max();
constexpr double kAnyPenalty = 100;  // the engine sets no limit; a hundred bars any token
constexpr qsizetype kLongestPresetName = 60;

template <typename Enum>
QString nameOf(Enum value) {
  const std::string_view name = to_string(value);
  return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

NumberOption::Definition share(float SparsityOptions::*member) {
  return NumberOption::field(&GenerationOptions::sparsity, member, 0, 1, 0.01, 2);
}
NumberOption::Definition share(float SamplingOptions::*member) {
  return NumberOption::field(&GenerationOptions::sampling, member, 0, 1, 0.01, 2);
}
NumberOption::Definition count(int SparsityOptions::*member) {
  return NumberOption::field(&GenerationOptions::sparsity, member, 0, kAnyCount, 1, 0);
}
NumberOption::Definition count(int SamplingOptions::*member) {
  return NumberOption::field(&GenerationOptions::sampling, member, 0, kAnyCount, 1, 0);
}

}  // namespace

SettingsViewModel::SettingsViewModel(app::Settings settings, QString path, QObject* parent)
    : QObject(parent),
      m_settings(std::move(settings)),
      m_file(std::move(path)),
      m_draftTokens(
          NumberOption::field(&GenerationOptions::draft_tokens, 1, GenerationOptions::kMaxDraftTokens),
          m_settings.generation, app::chatDefaults(), this),
      m_attentionTopP(share(&SparsityOptions::attention_top_p), m_settings.generation, app::chatDefaults(),
                      this),
      m_budget(share(&SparsityOptions::budget), m_settings.generation, app::chatDefaults(), this),
      m_sinks(count(&SparsityOptions::sinks), m_settings.generation, app::chatDefaults(), this),
      m_window(count(&SparsityOptions::window), m_settings.generation, app::chatDefaults(), this),
      m_denseLayers(count(&SparsityOptions::dense_layers), m_settings.generation, app::chatDefaults(), this),
      m_temperature(NumberOption::field(&GenerationOptions::sampling, &SamplingOptions::temperature, 0,
                                        SamplingOptions::kMaxTemperature, 0.05, 2),
                    m_settings.generation, app::chatDefaults(), this),
      m_samplingTopP(share(&SamplingOptions::top_p), m_settings.generation, app::chatDefaults(), this),
      m_topK(count(&SamplingOptions::top_k), m_settings.generation, app::chatDefaults(), this),
      m_minP(share(&SamplingOptions::min_p), m_settings.generation, app::chatDefaults(), this),
      m_repetitionPenalty(
          NumberOption::field(&GenerationOptions::sampling, &SamplingOptions::repetition_penalty,
                              SamplingOptions::kMinRepetitionPenalty, kAnyPenalty, 0.05, 2),
          m_settings.generation, app::chatDefaults(), this),
      m_repetitionWindow(count(&SamplingOptions::repetition_window), m_settings.generation,
                         app::chatDefaults(), this),
      m_maxTokens(NumberOption::field(&GenerationOptions::max_tokens, 1, kAnyCount), m_settings.generation,
                  app::chatDefaults(), this),
      m_numbers{&m_draftTokens,       &m_attentionTopP,    &m_budget,       &m_sinks, &m_window,
                &m_denseLayers,       &m_temperature,      &m_samplingTopP, &m_topK,  &m_minP,
                &m_repetitionPenalty, &m_repetitionWindow, &m_maxTokens} {
  for (NumberOption* number : m_numbers) {
    connect(number, &NumberOption::wanted, this, &SettingsViewModel::setOptions);
    connect(this, &SettingsViewModel::optionsChanged, number, &NumberOption::changed);
  }
  connect(&m_file, &app::SettingsFile::failed, this, [this] {
    m_saveError =
        tr("The settings could not be written to %1. They count until the program ends.").arg(m_file.path());
    emit saveErrorChanged();
  });
  refresh();
}

void SettingsViewModel::change(const std::function<void(app::Settings&)>& changes) {
  const app::Settings before = m_settings;
  changes(m_settings);
  if (!(m_settings == before)) m_file.save(m_settings);
}

void SettingsViewModel::setOptions(const GenerationOptions& options) {
  if (options == m_settings.generation) return;
  change([&](app::Settings& settings) { settings.generation = options; });
  refresh();
}

GenerationOptions SettingsViewModel::optionsForTurn() const {
  GenerationOptions options = m_settings.generation;
  if (!hasDraft()) options.mode = Mode::kDense;
  return options;
}

void SettingsViewModel::setSession(const SessionInfo& info) {
  m_session = info;
  m_denseLayers.setMaximum(info.verifier_layers);
  for (NumberOption* number : {&m_sinks, &m_window, &m_maxTokens, &m_repetitionWindow}) {
    number->setMaximum(info.context_tokens);
  }
  emit modesChanged();
  refresh();
}

QString SettingsViewModel::mode() const {
  return nameOf(optionsForTurn().mode);
}

void SettingsViewModel::setMode(const QString& mode) {
  const auto value = mode_from_string(mode.toStdString());
  if (!value || (*value != Mode::kDense && !hasDraft())) return;
  GenerationOptions options = m_settings.generation;
  options.mode = *value;
  setOptions(options);
}

QString SettingsViewModel::modeName(Mode mode) {
  switch (mode) {
    case Mode::kDense:
      return tr("Dense");
    case Mode::kSpeculative:
      return tr("Speculative");
    case Mode::kSparse:
      return tr("Sparse");
    case Mode::kExact:
      return tr("Exact");
  }
  return {};
}

QVariantList SettingsViewModel::modes() const {
  const auto entry = [this](Mode mode, const QString& sentence) {
    const QString reason =
        mode == Mode::kDense || hasDraft() ? QString() : tr("Needs a draft, and none is loaded.");
    return QVariantMap{{QStringLiteral("value"), nameOf(mode)},
                       {QStringLiteral("name"), modeName(mode)},
                       {QStringLiteral("sentence"), sentence},
                       {QStringLiteral("reason"), reason}};
  };
  return {entry(Mode::kDense, tr("The verifier alone, one token a pass: the reference.")),
          entry(Mode::kSpeculative,
                tr("A draft proposes, the verifier checks several tokens in one pass: the answer of Dense, "
                   "faster where the draft is often right.")),
          entry(Mode::kSparse,
                tr("The verifier reads only the KV entries that are likely to matter: the fastest in long "
                   "chats, and approximate.")),
          entry(Mode::kExact,
                tr("Sparse first, then one full pass that confirms or corrects: the answer of Dense. It pays "
                   "where reading memory takes longer than computing."))};
}

QString SettingsViewModel::selector() const {
  return nameOf(m_settings.generation.sparsity.selector);
}

void SettingsViewModel::setSelector(const QString& selector) {
  const auto value = selector_from_string(selector.toStdString());
  if (!value) return;
  GenerationOptions options = m_settings.generation;
  options.sparsity.selector = *value;
  setOptions(options);
}

QVariantList SettingsViewModel::selectors() const {
  const auto entry = [](SelectorKind kind, const QString& name, const QString& sentence) {
    return QVariantMap{{QStringLiteral("value"), nameOf(kind)},
                       {QStringLiteral("name"), name},
                       {QStringLiteral("sentence"), sentence}};
  };
  return {entry(SelectorKind::kDraft, tr("The draft's attention"),
                tr("Where the draft looks, the verifier reads. The best of those that save reads.")),
          entry(SelectorKind::kStreaming, tr("Beginning and end"),
                tr("Only the first and the last entries, whatever they say.")),
          entry(SelectorKind::kQuest, tr("Pages (Quest)"),
                tr("Pages of 16 entries, by a bound on how much they can matter.")),
          entry(SelectorKind::kOracle, tr("The verifier's attention"),
                tr("An upper bound, for study: reads everything to choose, and saves nothing."))};
}

bool SettingsViewModel::prunes() const {
  const Mode mode = optionsForTurn().mode;
  return mode == Mode::kSparse || mode == Mode::kExact;
}

QString SettingsViewModel::attentionReason() const {
  return prunes() ? QString() : tr("Not used now: only the modes Sparse and Exact leave KV entries out.");
}

QString SettingsViewModel::seed() const {
  const std::uint64_t seed = m_settings.generation.sampling.seed;
  return seed == 0 ? QString() : QString::number(seed);
}

void SettingsViewModel::setSeed(const QString& text) {
  bool isNumber = true;
  const QString digits = text.trimmed();
  const qulonglong seed = digits.isEmpty() ? 0 : digits.toULongLong(&isNumber);
  GenerationOptions options = m_settings.generation;
  if (isNumber) options.sampling.seed = seed;
  setOptions(options);
  emit optionsChanged();  // what was typed may not be what counts
}

QString SettingsViewModel::seedReason() const {
  return m_settings.generation.sampling.temperature > 0
             ? QString()
             : tr("Temperature 0 always takes the likeliest token: nothing is drawn.");
}

// Every rule of what has no effect stands here.
void SettingsViewModel::refresh() {
  const GenerationOptions options = optionsForTurn();
  m_draftTokens.setIdleReason(options.mode == Mode::kDense ? tr("Mode Dense works without a draft.")
                                                           : QString());
  const QString attention = attentionReason();
  for (NumberOption* number : {&m_attentionTopP, &m_budget, &m_sinks, &m_window, &m_denseLayers}) {
    number->setIdleReason(attention);
  }
  if (attention.isEmpty()) {
    const SelectorKind selector = options.sparsity.selector;
    const bool byBudget = selector == SelectorKind::kStreaming || selector == SelectorKind::kQuest;
    m_attentionTopP.setIdleReason(byBudget ? tr("This selector takes a budget instead.") : QString());
    m_budget.setIdleReason(byBudget ? QString() : tr("This selector goes by attention top-p instead."));
  }
  const QString greedy = seedReason();
  for (NumberOption* number : {&m_samplingTopP, &m_topK, &m_minP}) number->setIdleReason(greedy);
  m_repetitionWindow.setIdleReason(options.sampling.repetition_penalty >
                                           SamplingOptions::kMinRepetitionPenalty
                                       ? QString()
                                       : tr("A repetition penalty of 1 is off."));
  emit optionsChanged();
}

bool SettingsViewModel::decodingIsDefault() const {
  const GenerationOptions defaults = app::chatDefaults();
  return m_settings.generation.mode == defaults.mode &&
         m_settings.generation.draft_tokens == defaults.draft_tokens;
}

bool SettingsViewModel::attentionIsDefault() const {
  return m_settings.generation.sparsity == app::chatDefaults().sparsity;
}

bool SettingsViewModel::samplingIsDefault() const {
  const GenerationOptions defaults = app::chatDefaults();
  return m_settings.generation.sampling == defaults.sampling &&
         m_settings.generation.max_tokens == defaults.max_tokens;
}

void SettingsViewModel::resetDecoding() {
  GenerationOptions options = m_settings.generation;
  options.mode = app::chatDefaults().mode;
  options.draft_tokens = app::chatDefaults().draft_tokens;
  setOptions(options);
}

void SettingsViewModel::resetAttention() {
  GenerationOptions options = m_settings.generation;
  options.sparsity = app::chatDefaults().sparsity;
  setOptions(options);
}

void SettingsViewModel::resetSampling() {
  GenerationOptions options = m_settings.generation;
  options.sampling = app::chatDefaults().sampling;
  options.max_tokens = app::chatDefaults().max_tokens;
  setOptions(options);
}

QVariantList SettingsViewModel::presets() const {
  QVariantList all;
  const auto add = [&all](const QString& name, const QString& sentence, bool builtin) {
    all.append(QVariantMap{{QStringLiteral("name"), name},
                           {QStringLiteral("sentence"), sentence},
                           {QStringLiteral("builtin"), builtin}});
  };
  for (const BuiltinPreset& preset : builtinPresets()) add(preset.name, preset.sentence, true);
  for (const app::Preset& preset : m_settings.presets) add(preset.name, {}, false);
  return all;
}

int SettingsViewModel::preset() const {
  int index = 0;
  for (const BuiltinPreset& preset : builtinPresets()) {
    if (preset.generation == m_settings.generation) return index;
    ++index;
  }
  for (const app::Preset& preset : m_settings.presets) {
    if (preset.generation == m_settings.generation) return index;
    ++index;
  }
  return -1;
}

void SettingsViewModel::choosePreset(int index) {
  const QList<BuiltinPreset> builtin = builtinPresets();
  if (index < 0 || index >= builtin.size() + m_settings.presets.size()) return;
  setOptions(index < builtin.size() ? builtin.at(index).generation
                                    : m_settings.presets.at(index - builtin.size()).generation);
}

QString SettingsViewModel::savePreset(const QString& name) {
  const QString trimmed = name.simplified();
  if (trimmed.isEmpty()) return tr("Give the preset a name.");
  if (trimmed.size() > kLongestPresetName)
    return tr("The name is too long: %1 characters at most.").arg(kLongestPresetName);
  for (const BuiltinPreset& preset : builtinPresets()) {
    if (preset.name.compare(trimmed, Qt::CaseInsensitive) == 0)
      return tr("\u201c%1\u201d comes with the program. Choose another name.").arg(preset.name);
  }
  change([&](app::Settings& settings) {
    const auto same = std::find_if(settings.presets.begin(), settings.presets.end(),
                                   [&](const app::Preset& preset) { return preset.name == trimmed; });
    if (same != settings.presets.end()) {
      same->generation = settings.generation;
    } else {
      settings.presets.append({trimmed, settings.generation});
    }
  });
  emit presetsChanged();
  emit optionsChanged();
  return {};
}

void SettingsViewModel::removePreset(int index) {
  const qsizetype own = index - builtinPresets().size();
  if (own < 0 || own >= m_settings.presets.size()) return;
  change([&](app::Settings& settings) { settings.presets.removeAt(own); });
  emit presetsChanged();
  emit optionsChanged();
}

void SettingsViewModel::setTitlesByModel(bool byModel) {
  if (byModel == m_settings.titlesByModel) return;
  change([byModel](app::Settings& settings) { settings.titlesByModel = byModel; });
  emit titlesByModelChanged();
}

void SettingsViewModel::setWelcomed() {
  if (m_settings.welcomed) return;
  change([](app::Settings& settings) { settings.welcomed = true; });
  emit welcomedChanged();
}

}  // namespace fovea::ui

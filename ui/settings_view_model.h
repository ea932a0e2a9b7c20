// The options of the next turn, for QML: mode, attention, sampling and presets, with ranges and defaults from
// the engine, and in words why something does not apply. Owns the settings of the program and their file:
// whoever else changes a setting does it through change(). A change counts from the next turn on; what is
// being answered keeps its options. GUI thread.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QObject>
#include <QVariantList>
#include <functional>

#include "app/settings.h"
#include "app/settings_file.h"
#include "ui/number_option.h"

namespace fovea::ui {

class SettingsViewModel : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(QString mode READ mode WRITE setMode NOTIFY optionsChanged)
  Q_PROPERTY(QVariantList modes READ modes NOTIFY modesChanged)
  Q_PROPERTY(QString selector READ selector WRITE setSelector NOTIFY optionsChanged)
  Q_PROPERTY(QVariantList selectors READ selectors CONSTANT)
  Q_PROPERTY(QString attentionReason READ attentionReason NOTIFY optionsChanged)
  Q_PROPERTY(QString seed READ seed WRITE setSeed NOTIFY optionsChanged)
  Q_PROPERTY(QString seedReason READ seedReason NOTIFY optionsChanged)
  Q_PROPERTY(fovea::ui::NumberOption* draftTokens READ draftTokens CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* attentionTopP READ attentionTopP CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* budget READ budget CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* sinks READ sinks CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* window READ window CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* denseLayers READ denseLayers CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* temperature READ temperature CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* samplingTopP READ samplingTopP CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* topK READ topK CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* minP READ minP CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* repetitionPenalty READ repetitionPenalty CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* repetitionWindow READ repetitionWindow CONSTANT)
  Q_PROPERTY(fovea::ui::NumberOption* maxTokens READ maxTokens CONSTANT)
  Q_PROPERTY(bool decodingIsDefault READ decodingIsDefault NOTIFY optionsChanged)
  Q_PROPERTY(bool attentionIsDefault READ attentionIsDefault NOTIFY optionsChanged)
  Q_PROPERTY(bool samplingIsDefault READ samplingIsDefault NOTIFY optionsChanged)
  Q_PROPERTY(QVariantList presets READ presets NOTIFY presetsChanged)
  Q_PROPERTY(int preset READ preset NOTIFY optionsChanged)
  Q_PROPERTY(QString saveError READ saveError NOTIFY saveErrorChanged)
  Q_PROPERTY(bool titlesByModel READ titlesByModel WRITE setTitlesByModel NOTIFY titlesByModelChanged)
  Q_PROPERTY(bool welcomed READ welcomed NOTIFY welcomedChanged)

 public:
  /// `path`: the file that keeps them; empty: they count for this run only.
  SettingsViewModel(app::Settings settings, QString path, QObject* parent = nullptr);

  [[nodiscard]] const app::Settings& settings() const { return m_settings; }
  /// Changes what is not an option of a turn (models, looks), and keeps it.
  void change(const std::function<void(app::Settings&)>& changes);
  /// What the next turn is asked with: without a draft, mode dense whatever was chosen.
  [[nodiscard]] GenerationOptions optionsForTurn() const;
  /// A pair was loaded: what it allows.
  void setSession(const SessionInfo& info);

  [[nodiscard]] QString mode() const;  // as it will be used
  void setMode(const QString& mode);
  [[nodiscard]] static QString modeName(Mode mode);
  /// [{value, name, sentence, reason}]: `reason` says why it cannot be chosen, empty where it can.
  [[nodiscard]] QVariantList modes() const;
  [[nodiscard]] QString selector() const;
  void setSelector(const QString& selector);
  [[nodiscard]] QVariantList selectors() const;  // [{value, name, sentence}]
  /// Why nothing of the attention section has an effect; empty where it has.
  [[nodiscard]] QString attentionReason() const;
  [[nodiscard]] QString seed() const;  // empty: a random one each time
  void setSeed(const QString& text);   // digits; anything else is ignored
  [[nodiscard]] QString seedReason() const;

  [[nodiscard]] NumberOption* draftTokens() { return &m_draftTokens; }
  [[nodiscard]] NumberOption* attentionTopP() { return &m_attentionTopP; }
  [[nodiscard]] NumberOption* budget() { return &m_budget; }
  [[nodiscard]] NumberOption* sinks() { return &m_sinks; }
  [[nodiscard]] NumberOption* window() { return &m_window; }
  [[nodiscard]] NumberOption* denseLayers() { return &m_denseLayers; }
  [[nodiscard]] NumberOption* temperature() { return &m_temperature; }
  [[nodiscard]] NumberOption* samplingTopP() { return &m_samplingTopP; }
  [[nodiscard]] NumberOption* topK() { return &m_topK; }
  [[nodiscard]] NumberOption* minP() { return &m_minP; }
  [[nodiscard]] NumberOption* repetitionPenalty() { return &m_repetitionPenalty; }
  [[nodiscard]] NumberOption* repetitionWindow() { return &m_repetitionWindow; }
  [[nodiscard]] NumberOption* maxTokens() { return &m_maxTokens; }

  [[nodiscard]] bool decodingIsDefault() const;
  [[nodiscard]] bool attentionIsDefault() const;
  [[nodiscard]] bool samplingIsDefault() const;

  /// [{name, sentence, builtin}]: those that come with the program, then the user's.
  [[nodiscard]] QVariantList presets() const;
  /// The preset whose options are the chosen ones; -1: none.
  [[nodiscard]] int preset() const;
  [[nodiscard]] QString saveError() const { return m_saveError; }
  [[nodiscard]] bool titlesByModel() const { return m_settings.titlesByModel; }
  void setTitlesByModel(bool byModel);
  [[nodiscard]] bool welcomed() const { return m_settings.welcomed; }

 public slots:
  void resetDecoding();
  void resetAttention();
  void resetSampling();
  void choosePreset(int index);
  /// Keeps the options under this name, replacing the user's preset of that name. In words why not; empty
  /// when it was kept.
  QString savePreset(const QString& name);
  void removePreset(int index);  // nothing happens to those that come with the program
  void setWelcomed();

 signals:
  void optionsChanged();
  /// Apart from the options: who lists the modes would lose the keyboard's place at each choice.
  void modesChanged();
  void presetsChanged();
  void saveErrorChanged();
  void titlesByModelChanged();
  void welcomedChanged();

 private:
  void setOptions(const GenerationOptions& options);
  void refresh();
  [[nodiscard]] bool hasDraft() const { return !m_session || !m_session->draft_name.empty(); }
  [[nodiscard]] bool prunes() const;

  app::Settings m_settings;
  app::SettingsFile m_file;
  std::optional<SessionInfo> m_session;  // of the loaded pair
  QString m_saveError;
  NumberOption m_draftTokens;
  NumberOption m_attentionTopP;
  NumberOption m_budget;
  NumberOption m_sinks;
  NumberOption m_window;
  NumberOption m_denseLayers;
  NumberOption m_temperature;
  NumberOption m_samplingTopP;
  NumberOption m_topK;
  NumberOption m_minP;
  NumberOption m_repetitionPenalty;
  NumberOption m_repetitionWindow;
  NumberOption m_maxTokens;
  QList<NumberOption*> m_numbers;
};

}  // namespace fovea::ui

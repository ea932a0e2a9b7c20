// The options of the next turn: ranges that are the engine's, what is kept, defaults, presets, and what does
// not apply.
#include "ui/settings_view_model.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <limits>

using fovea::GenerationOptions;
using fovea::Mode;
using fovea::SessionInfo;
using fovea::app::Settings;
using fovea::ui::NumberOption;
using fovea::ui::SettingsViewModel;

namespace {

SessionInfo pairWithDraft() {
  SessionInfo info;
  info.draft_name = "draft";
  info.verifier_layers = 16;
  info.context_tokens = 4096;
  return info;
}

QString reasonOf(const SettingsViewModel& settings, const char* mode) {
  for (const QVariant& entry : settings.modes()) {
    if (entry.toMap().value(QStringLiteral("value")) == QLatin1String(mode))
      return entry.toMap().value(QStringLiteral("reason")).toString();
  }
  return QStringLiteral("no such mode");
}

}  // namespace

class SettingsViewModelTest : public QObject {
  Q_OBJECT

 private slots:
  void everyBoundIsOneThatTheEngineTakes() {
    SettingsViewModel settings({}, {});
    settings.setSession(pairWithDraft());
    settings.setMode(QStringLiteral("sparse"));
    for (NumberOption* number :
         {settings.draftTokens(), settings.attentionTopP(), settings.budget(), settings.sinks(),
          settings.window(), settings.denseLayers(), settings.temperature(), settings.samplingTopP(),
          settings.topK(), settings.minP(), settings.repetitionPenalty(), settings.repetitionWindow(),
          settings.maxTokens()}) {
      QVERIFY(number->isDefault());
      for (const double bound : {number->minimum(), number->maximum()}) {
        number->setValue(bound);
        QCOMPARE(number->value(), bound);
        QVERIFY(validate(settings.settings().generation).ok());
      }
      // Beyond them is brought back, and what is no number is not taken.
      number->setValue(number->maximum() * 2 + 1);
      QCOMPARE(number->value(), number->maximum());
      number->setValue(number->minimum() - 1);
      QCOMPARE(number->value(), number->minimum());
      number->setValue(std::numeric_limits<double>::quiet_NaN());
      QCOMPARE(number->value(), number->minimum());
      number->reset();
      QVERIFY(number->isDefault());
    }
    QCOMPARE(settings.draftTokens()->maximum(), double(GenerationOptions::kMaxDraftTokens));
    QCOMPARE(settings.denseLayers()->maximum(), 16.0);
    QCOMPARE(settings.samplingTopP()->minimum(), 0.01);  // 0 would keep nothing
    QCOMPARE(settings.minP()->maximum(), 0.99);          // 1 would keep one
  }
  void theTwoTopPsAreTwo() {
    SettingsViewModel settings({}, {});
    settings.attentionTopP()->setValue(0.55);
    settings.samplingTopP()->setValue(0.85);
    QCOMPARE(settings.optionsForTurn().sparsity.attention_top_p, 0.55F);
    QCOMPARE(settings.optionsForTurn().sampling.top_p, 0.85F);
  }
  void choicesAreKept() {
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("fovea.ini"));
    {
      SettingsViewModel settings(fovea::app::loadSettings(path), path);
      settings.setMode(QStringLiteral("exact"));
      settings.setSelector(QStringLiteral("quest"));
      settings.attentionTopP()->setValue(0.6);
      settings.setSeed(QStringLiteral("18446744073709551615"));
      QCOMPARE(settings.savePreset(QStringLiteral("  Mine  ")), QString());
      settings.setWelcomed();
    }
    const SettingsViewModel settings(fovea::app::loadSettings(path), path);
    QCOMPARE(settings.mode(), QStringLiteral("exact"));
    QCOMPARE(settings.selector(), QStringLiteral("quest"));
    QCOMPARE(settings.seed(), QStringLiteral("18446744073709551615"));
    QCOMPARE(settings.settings().generation.sparsity.attention_top_p, 0.6F);
    QCOMPARE(settings.presets().last().toMap().value(QStringLiteral("name")).toString(),
             QStringLiteral("Mine"));
    QVERIFY(settings.welcomed());
  }
  void aFileThatCannotBeWrittenIsSaid() {
    SettingsViewModel settings({}, QStringLiteral("/proc/fovea/fovea.ini"));
    settings.setMode(QStringLiteral("dense"));
    QTRY_VERIFY(settings.saveError().contains(QStringLiteral("/proc/fovea/fovea.ini")));
    QCOMPARE(settings.mode(), QStringLiteral("dense"));  // it counts all the same
  }
  void sectionsGoBackToTheirDefaultsAlone() {
    SettingsViewModel settings({}, {});
    settings.setMode(QStringLiteral("sparse"));
    settings.sinks()->setValue(9);
    settings.temperature()->setValue(1.5);
    settings.maxTokens()->setValue(7);
    settings.resetAttention();
    QVERIFY(settings.attentionIsDefault());
    QCOMPARE(settings.mode(), QStringLiteral("sparse"));
    QVERIFY(!settings.samplingIsDefault());
    settings.resetSampling();
    QVERIFY(settings.samplingIsDefault());
    QVERIFY(!settings.decodingIsDefault());
    settings.resetDecoding();
    QVERIFY(settings.settings().generation == fovea::app::chatDefaults());
  }
  void withoutADraftOnlyDense() {
    SettingsViewModel settings({}, {});
    QCOMPARE(settings.mode(), QStringLiteral("speculative"));
    SessionInfo alone = pairWithDraft();
    alone.draft_name.clear();
    settings.setSession(alone);
    QCOMPARE(settings.mode(), QStringLiteral("dense"));
    QCOMPARE(settings.optionsForTurn().mode, Mode::kDense);
    QVERIFY(!reasonOf(settings, "sparse").isEmpty());
    QVERIFY(reasonOf(settings, "dense").isEmpty());
    settings.setMode(QStringLiteral("sparse"));
    QCOMPARE(settings.mode(), QStringLiteral("dense"));
    settings.setSession(pairWithDraft());
    QCOMPARE(settings.mode(), QStringLiteral("speculative"));  // the choice was not lost
  }
  void whatDoesNotApplySaysWhy() {
    SettingsViewModel settings({}, {});
    settings.setMode(QStringLiteral("dense"));
    QVERIFY(!settings.draftTokens()->idleReason().isEmpty());
    QVERIFY(!settings.attentionTopP()->idleReason().isEmpty());
    settings.setMode(QStringLiteral("speculative"));
    QVERIFY(settings.draftTokens()->idleReason().isEmpty());
    QVERIFY(!settings.sinks()->idleReason().isEmpty());
    settings.setMode(QStringLiteral("sparse"));
    QVERIFY(settings.attentionReason().isEmpty());
    QVERIFY(settings.attentionTopP()->idleReason().isEmpty());
    QVERIFY(!settings.budget()->idleReason().isEmpty());
    settings.setSelector(QStringLiteral("streaming"));
    QVERIFY(!settings.attentionTopP()->idleReason().isEmpty());
    QVERIFY(settings.budget()->idleReason().isEmpty());
    QVERIFY(settings.topK()->idleReason().isEmpty());
    settings.temperature()->setValue(0);
    for (NumberOption* number : {settings.topK(), settings.samplingTopP(), settings.minP()})
      QVERIFY(!number->idleReason().isEmpty());
    QVERIFY(!settings.seedReason().isEmpty());
    QVERIFY(settings.repetitionPenalty()->idleReason().isEmpty());
    settings.repetitionPenalty()->setValue(1);
    QVERIFY(!settings.repetitionWindow()->idleReason().isEmpty());
  }
  void presets() {
    SettingsViewModel settings({}, {});
    QCOMPARE(settings.preset(), 0);  // a first start is the first of them
    const int builtin = static_cast<int>(settings.presets().size());
    settings.choosePreset(2);
    QCOMPARE(settings.preset(), 2);
    QCOMPARE(settings.mode(), QStringLiteral("sparse"));
    settings.temperature()->setValue(1.25);
    QCOMPARE(settings.preset(), -1);
    for (const char* name : {"", "   ", "balanced"})
      QVERIFY(!settings.savePreset(QString::fromLatin1(name)).isEmpty());
    QVERIFY(!settings.savePreset(QString(61, QLatin1Char('x'))).isEmpty());
    QCOMPARE(settings.presets().size(), builtin);
    const QSignalSpy changed(&settings, &SettingsViewModel::presetsChanged);
    QCOMPARE(settings.savePreset(QStringLiteral("Mine")), QString());
    QCOMPARE(settings.preset(), builtin);
    settings.topK()->setValue(3);
    QCOMPARE(settings.savePreset(QStringLiteral("Mine")), QString());  // the name stays one
    QCOMPARE(settings.presets().size(), builtin + 1);
    settings.choosePreset(0);
    settings.choosePreset(builtin);
    QCOMPARE(settings.topK()->value(), 3.0);
    settings.removePreset(0);
    QCOMPARE(settings.presets().size(), builtin + 1);
    settings.removePreset(builtin);
    QCOMPARE(settings.presets().size(), builtin);
    QCOMPARE(changed.count(), 3);
    settings.choosePreset(99);
    settings.removePreset(99);
    QCOMPARE(settings.topK()->value(), 3.0);
  }
  void aSeedIsANumber() {
    SettingsViewModel settings({}, {});
    settings.setSeed(QStringLiteral(" 42 "));
    QCOMPARE(settings.seed(), QStringLiteral("42"));
    for (const char* wrong : {"-1", "4.5", "seed", "18446744073709551616"})
      settings.setSeed(QString::fromLatin1(wrong));
    QCOMPARE(settings.seed(), QStringLiteral("42"));
    settings.setSeed({});
    QCOMPARE(settings.settings().generation.sampling.seed, std::uint64_t{0});
  }
};

QTEST_MAIN(SettingsViewModelTest)
#include "settings_view_model_test.moc"

// One number among the options of a turn, as a control shows it: value, range, step and default, and why it
// does not apply where it does not. The range is asked of the engine's own validation, so that no limit
// stands twice. Made and owned by SettingsViewModel; GUI thread.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QObject>
#include <QString>
#include <functional>

#include "engine/options.h"

namespace fovea::ui {

class NumberOption : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by SettingsViewModel")
  Q_PROPERTY(double value READ value WRITE setValue NOTIFY changed)
  Q_PROPERTY(double minimum READ minimum CONSTANT)
  Q_PROPERTY(double maximum READ maximum NOTIFY changed)
  Q_PROPERTY(double step READ step CONSTANT)
  Q_PROPERTY(int decimals READ decimals CONSTANT)
  Q_PROPERTY(double defaultValue READ defaultValue CONSTANT)
  Q_PROPERTY(bool isDefault READ isDefault NOTIFY changed)
  Q_PROPERTY(QString idleReason READ idleReason NOTIFY changed)

 public:
  struct Definition {
    std::function<double(const GenerationOptions&)> read;
    std::function<void(GenerationOptions&, double)> write;
    double minimum = 0;
    double maximum = 1;
    double step = 1;
    int decimals = 0;
  };
  /// The field `member` of the options: options.*part.*member, or options.*member.
  template <typename Part, typename Value>
  static Definition field(Part GenerationOptions::*part, Value Part::*member, double minimum, double maximum,
                          double step, int decimals) {
    return {[part, member](const GenerationOptions& options) {
              return static_cast<double>(options.*part.*member);
            },
            [part, member](GenerationOptions& options, double value) {
              options.*part.*member = static_cast<Value>(value);
            },
            minimum,
            maximum,
            step,
            decimals};
  }
  static Definition field(int GenerationOptions::*member, double minimum, double maximum) {
    return {[member](const GenerationOptions& options) { return static_cast<double>(options.*member); },
            [member](GenerationOptions& options, double value) { options.*member = static_cast<int>(value); },
            minimum, maximum};
  }

  /// Borrows `options`, which its owner keeps alive. Bounds that the engine refuses move inwards by one step.
  NumberOption(Definition definition, const GenerationOptions& options, const GenerationOptions& defaults,
               QObject* parent);

  [[nodiscard]] double value() const;
  [[nodiscard]] double minimum() const { return m_definition.minimum; }
  [[nodiscard]] double maximum() const { return m_definition.maximum; }
  [[nodiscard]] double step() const { return m_definition.step; }
  [[nodiscard]] int decimals() const { return m_definition.decimals; }
  [[nodiscard]] double defaultValue() const;
  [[nodiscard]] bool isDefault() const { return value() == defaultValue(); }
  /// Why it has no effect as things are, in words; empty where it has.
  [[nodiscard]] const QString& idleReason() const { return m_idleReason; }

  /// Asks for it: rounded to `decimals` and brought into the range; nothing happens for what is no number.
  void setValue(double value);
  void reset() { setValue(defaultValue()); }

  // For the owner.
  void setMaximum(double maximum);
  void setIdleReason(const QString& reason);

 signals:
  void changed();
  /// These options are wanted, which are valid.
  void wanted(const fovea::GenerationOptions& options);

 private:
  [[nodiscard]] double rounded(double value) const;

  Definition m_definition;
  const GenerationOptions& m_options;
  GenerationOptions m_defaults;
  QString m_idleReason;
};

}  // namespace fovea::ui

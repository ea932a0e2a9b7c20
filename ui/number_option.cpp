#include "ui/number_option.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fovea::ui {

NumberOption::NumberOption(Definition definition, const GenerationOptions& options,
                           const GenerationOptions& defaults, QObject* parent)
    : QObject(parent), m_definition(std::move(definition)), m_options(options), m_defaults(defaults) {
  const auto accepted = [this](double value) {
    GenerationOptions candidate = m_defaults;
    m_definition.write(candidate, value);
    return validate(candidate).ok();
  };
  if (!accepted(m_definition.minimum)) m_definition.minimum += m_definition.step;
  if (!accepted(m_definition.maximum)) m_definition.maximum -= m_definition.step;
}

double NumberOption::value() const {
  return rounded(m_definition.read(m_options));
}

double NumberOption::defaultValue() const {
  return rounded(m_definition.read(m_defaults));
}

// A float that is shown as 0.7 is 0.7, not 0.699999988.
double NumberOption::rounded(double value) const {
  const double scale = std::pow(10.0, m_definition.decimals);
  return std::round(value * scale) / scale;
}

void NumberOption::setValue(double value) {
  if (!std::isfinite(value)) return;
  const double wantedValue =
      std::clamp(rounded(value), m_definition.minimum, std::max(m_definition.minimum, m_definition.maximum));
  if (wantedValue == this->value()) {
    emit changed();  // what was typed is not what counts: the control shows that again
    return;
  }
  GenerationOptions options = m_options;
  m_definition.write(options, wantedValue);
  if (validate(options)) emit wanted(options);
}

void NumberOption::setMaximum(double maximum) {
  if (maximum == m_definition.maximum) return;
  m_definition.maximum = maximum;
  emit changed();
}

void NumberOption::setIdleReason(const QString& reason) {
  if (reason == m_idleReason) return;
  m_idleReason = reason;
  emit changed();
}

}  // namespace fovea::ui

#include "ui/appearance.h"

#include <QEvent>
#include <QFontInfo>
#include <QGuiApplication>
#include <QPalette>
#include <algorithm>

#if FOVEA_WITH_DBUS
#include "ui/portal_color_scheme.h"
#endif

namespace fovea::ui {
namespace {

constexpr int kSmallestFontPixels = 11;
constexpr int kLargestFontPixels = 28;

}  // namespace

std::optional<ThemeChoice> themeChoiceFromString(const QString& name) {
  if (name == QLatin1String("system")) return ThemeChoice::System;
  if (name == QLatin1String("light")) return ThemeChoice::Light;
  if (name == QLatin1String("dark")) return ThemeChoice::Dark;
  return std::nullopt;
}

Appearance::Appearance(ThemeChoice choice, QObject* parent) : QObject(parent), m_choice(choice) {
  qApp->installEventFilter(this);
#if FOVEA_WITH_DBUS
  m_portal = new PortalColorScheme(this);
  connect(m_portal, &PortalColorScheme::changed, this, &Appearance::changed);
#endif
}

bool Appearance::dark() const {
  if (m_choice != ThemeChoice::System) return m_choice == ThemeChoice::Dark;
#if FOVEA_WITH_DBUS
  if (const std::optional<bool> wanted = m_portal->dark()) return *wanted;
#endif
  const QPalette palette = QGuiApplication::palette();
  return palette.color(QPalette::Window).lightnessF() < palette.color(QPalette::WindowText).lightnessF();
}

int Appearance::fontPixelSize() const {
  return std::clamp(QFontInfo(QGuiApplication::font()).pixelSize(), kSmallestFontPixels, kLargestFontPixels);
}

void Appearance::setChoice(ThemeChoice choice) {
  if (choice == m_choice) return;
  m_choice = choice;
  emit changed();
}

bool Appearance::eventFilter(QObject* watched, QEvent* event) {
  if (watched == qApp &&
      (event->type() == QEvent::ApplicationPaletteChange || event->type() == QEvent::ApplicationFontChange)) {
    emit changed();
  }
  return QObject::eventFilter(watched, event);
}

}  // namespace fovea::ui

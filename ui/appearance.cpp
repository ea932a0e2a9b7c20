#include "ui/appearance.h"

#include <QEvent>
#include <QFontInfo>
#include <QGuiApplication>
#include <QLocale>
#include <QPalette>
#include <algorithm>
#include <array>
#include <utility>

#include "ui/translations.h"

#if FOVEA_WITH_DBUS
#include "ui/portal_color_scheme.h"
#endif

namespace fovea::ui {
namespace {

constexpr int kSmallestFontPixels = 11;
constexpr int kLargestFontPixels = 28;

constexpr std::array<std::pair<ThemeChoice, const char*>, 4> kThemes{{
    {ThemeChoice::System, "system"},
    {ThemeChoice::Light, "light"},
    {ThemeChoice::Dark, "dark"},
    {ThemeChoice::HighContrast, "high-contrast"},
}};

}  // namespace

std::optional<ThemeChoice> themeChoiceFromString(const QString& name) {
  for (const auto& [choice, known] : kThemes) {
    if (name == QLatin1String(known)) return choice;
  }
  return std::nullopt;
}

QString themeName(ThemeChoice choice) {
  for (const auto& [known, name] : kThemes) {
    if (choice == known) return QString::fromLatin1(name);
  }
  return {};
}

Appearance::Appearance(ThemeChoice choice, app::AppearanceSettings settings, QObject* parent)
    : QObject(parent), m_choice(choice), m_settings(std::move(settings)) {
  watch();
}

Appearance::Appearance(const app::AppearanceSettings& settings, QObject* parent)
    : QObject(parent),
      m_choice(themeChoiceFromString(settings.theme).value_or(ThemeChoice::System)),
      m_settings(settings) {
  watch();
}

void Appearance::watch() {
  qApp->installEventFilter(this);
#if FOVEA_WITH_DBUS
  m_portal = new PortalColorScheme(this);
  connect(m_portal, &PortalColorScheme::changed, this, &Appearance::changed);
#endif
}

bool Appearance::dark() const {
  if (m_choice == ThemeChoice::Dark || m_choice == ThemeChoice::Light) return m_choice == ThemeChoice::Dark;
#if FOVEA_WITH_DBUS
  if (const std::optional<bool> wanted = m_portal->dark()) return *wanted;
#endif
  const QPalette palette = QGuiApplication::palette();
  return palette.color(QPalette::Window).lightnessF() < palette.color(QPalette::WindowText).lightnessF();
}

int Appearance::fontPixelSize() const {
  const int system =
      std::clamp(QFontInfo(QGuiApplication::font()).pixelSize(), kSmallestFontPixels, kLargestFontPixels);
  return qRound(system * m_settings.fontPercent / 100.0);
}

void Appearance::choose(const app::AppearanceSettings& settings) {
  if (settings == m_settings) return;
  m_settings = settings;
  emit changed();
  emit chosen(m_settings);
}

void Appearance::setTheme(const QString& theme) {
  const auto choice = themeChoiceFromString(theme);
  if (!choice) return;
  setChoice(*choice);
  app::AppearanceSettings settings = m_settings;
  settings.theme = theme;
  choose(settings);
}

void Appearance::setFontPercent(int percent) {
  app::AppearanceSettings settings = m_settings;
  settings.fontPercent = std::clamp(percent, minimumFontPercent(), maximumFontPercent());
  choose(settings);
}

void Appearance::setLanguage(const QString& language) {
  app::AppearanceSettings settings = m_settings;
  settings.language = language;
  choose(settings);
}

QVariantList Appearance::languages() const {
  const auto entry = [](const QString& value, const QString& name) {
    return QVariantMap{{QStringLiteral("value"), value}, {QStringLiteral("name"), name}};
  };
  QVariantList languages{entry({}, tr("As the system"))};
  for (const QString& language : availableLanguages()) {
    QString name = QLocale(language).nativeLanguageName();
    if (language == QLatin1String("en")) name = QStringLiteral("English");  // Qt says "American English"
    languages.append(entry(language, name));
  }
  return languages;
}

bool Appearance::isDefault() const {
  return m_choice == ThemeChoice::System && fontPercent() == app::AppearanceSettings().fontPercent &&
         language().isEmpty();
}

void Appearance::reset() {
  setChoice(ThemeChoice::System);
  choose({});
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

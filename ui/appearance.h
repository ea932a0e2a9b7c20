// How the window looks: light, dark or high contrast, by the user's choice or what the system prefers, and
// the size of its font. The system is asked twice: the desktop portal (org.freedesktop.portal.Settings, where
// there is a session bus), else the lightness of the platform's palette. Both are watched. GUI thread; one
// per program.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QObject>
#include <QVariantList>
#include <optional>

#include "app/settings.h"

namespace fovea::ui {

class PortalColorScheme;

/// HighContrast is light or dark as the system is.
enum class ThemeChoice { System, Light, Dark, HighContrast };

/// "system", "light", "dark" or "high-contrast".
[[nodiscard]] std::optional<ThemeChoice> themeChoiceFromString(const QString& name);
[[nodiscard]] QString themeName(ThemeChoice choice);

class Appearance : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by the program")
  Q_PROPERTY(bool dark READ dark NOTIFY changed)
  Q_PROPERTY(bool highContrast READ highContrast NOTIFY changed)
  Q_PROPERTY(int fontPixelSize READ fontPixelSize NOTIFY changed)
  Q_PROPERTY(QString theme READ theme WRITE setTheme NOTIFY changed)
  Q_PROPERTY(int fontPercent READ fontPercent WRITE setFontPercent NOTIFY changed)
  Q_PROPERTY(int minimumFontPercent READ minimumFontPercent CONSTANT)
  Q_PROPERTY(int maximumFontPercent READ maximumFontPercent CONSTANT)
  Q_PROPERTY(QString language READ language WRITE setLanguage NOTIFY changed)
  Q_PROPERTY(QVariantList languages READ languages CONSTANT)
  Q_PROPERTY(bool isDefault READ isDefault NOTIFY changed)

 public:
  /// `choice` goes before what the settings say, for this run.
  explicit Appearance(ThemeChoice choice, app::AppearanceSettings settings = {}, QObject* parent = nullptr);
  /// As the settings say.
  explicit Appearance(const app::AppearanceSettings& settings, QObject* parent = nullptr);

  [[nodiscard]] bool dark() const;
  [[nodiscard]] bool highContrast() const { return m_choice == ThemeChoice::HighContrast; }
  /// Size of the system's interface font, within 11 .. 28 logical pixels, times the chosen percentage.
  [[nodiscard]] int fontPixelSize() const;
  void setChoice(ThemeChoice choice);

  [[nodiscard]] QString theme() const { return themeName(m_choice); }
  void setTheme(const QString& theme);
  [[nodiscard]] int fontPercent() const { return m_settings.fontPercent; }
  void setFontPercent(int percent);
  [[nodiscard]] int minimumFontPercent() const { return app::AppearanceSettings::kMinFontPercent; }
  [[nodiscard]] int maximumFontPercent() const { return app::AppearanceSettings::kMaxFontPercent; }
  [[nodiscard]] QString language() const { return m_settings.language; }
  void setLanguage(const QString& language);
  [[nodiscard]] QVariantList languages() const;  // [{value, name}]: what the program speaks
  [[nodiscard]] bool isDefault() const;

 public slots:
  void reset();

 signals:
  void changed();
  /// The user chose: worth keeping.
  void chosen(const fovea::app::AppearanceSettings& settings);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void watch();
  void choose(const app::AppearanceSettings& settings);

  ThemeChoice m_choice;
  app::AppearanceSettings m_settings;
  PortalColorScheme* m_portal = nullptr;  // a child; null where Qt has no D-Bus
};

}  // namespace fovea::ui

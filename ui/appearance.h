// Light or dark: the user's choice, or what the system prefers. The system is asked twice: the desktop portal
// (org.freedesktop.portal.Settings, where there is a session bus), else the lightness of the platform's
// palette. Both are watched. GUI thread; one per program.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QObject>
#include <optional>

namespace fovea::ui {

class PortalColorScheme;

enum class ThemeChoice { System, Light, Dark };

/// "system", "light" or "dark".
[[nodiscard]] std::optional<ThemeChoice> themeChoiceFromString(const QString& name);

class Appearance : public QObject {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by the program")
  Q_PROPERTY(bool dark READ dark NOTIFY changed)
  Q_PROPERTY(int fontPixelSize READ fontPixelSize NOTIFY changed)

 public:
  explicit Appearance(ThemeChoice choice, QObject* parent = nullptr);

  [[nodiscard]] bool dark() const;
  /// Size of the system's interface font, within 11 .. 28 logical pixels.
  [[nodiscard]] int fontPixelSize() const;
  void setChoice(ThemeChoice choice);

 signals:
  void changed();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  ThemeChoice m_choice;
  PortalColorScheme* m_portal = nullptr;  // a child; null where Qt has no D-Bus
};

}  // namespace fovea::ui

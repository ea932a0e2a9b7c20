// Asks the desktop portal (org.freedesktop.portal.Settings on the session bus) whether the user prefers dark,
// and watches the answer. Built only where Qt has D-Bus; silent where there is no bus or no portal. GUI
// thread.
#pragma once

#include <QDBusVariant>
#include <QObject>
#include <QString>
#include <optional>

namespace fovea::ui {

class PortalColorScheme : public QObject {
  Q_OBJECT

 public:
  explicit PortalColorScheme(QObject* parent = nullptr);

  /// Nothing until the portal has answered, or when it has no preference.
  [[nodiscard]] std::optional<bool> dark() const { return m_dark; }

 signals:
  void changed();

 private slots:
  void settingChanged(const QString& area, const QString& key, const QDBusVariant& value);

 private:
  void setScheme(const QVariant& value);

  std::optional<bool> m_dark;
};

}  // namespace fovea::ui

#include "ui/portal_color_scheme.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

namespace fovea::ui {
namespace {

constexpr char kService[] = "org.freedesktop.portal.Desktop";
constexpr char kPath[] = "/org/freedesktop/portal/desktop";
constexpr char kInterface[] = "org.freedesktop.portal.Settings";
constexpr char kArea[] = "org.freedesktop.appearance";
constexpr char kKey[] = "color-scheme";
constexpr uint kNoPreference = 0;
constexpr uint kPrefersDark = 1;

QString text(const char* name) {
  return QString::fromLatin1(name);
}

}  // namespace

PortalColorScheme::PortalColorScheme(QObject* parent) : QObject(parent) {
  // Without this check the library would try to start a bus of its own.
  if (qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")) return;
  QDBusConnection bus = QDBusConnection::sessionBus();
  if (!bus.isConnected()) return;
  bus.connect(text(kService), text(kPath), text(kInterface), QStringLiteral("SettingChanged"), this,
              SLOT(settingChanged(QString, QString, QDBusVariant)));
  QDBusMessage question =
      QDBusMessage::createMethodCall(text(kService), text(kPath), text(kInterface), QStringLiteral("Read"));
  question << text(kArea) << text(kKey);
  auto* answer = new QDBusPendingCallWatcher(bus.asyncCall(question), this);
  connect(answer, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* done) {
    const QDBusPendingReply<QDBusVariant> reply = *done;
    if (reply.isValid()) setScheme(reply.value().variant());
    done->deleteLater();
  });
}

void PortalColorScheme::settingChanged(const QString& area, const QString& key, const QDBusVariant& value) {
  if (area == text(kArea) && key == text(kKey)) setScheme(value.variant());
}

void PortalColorScheme::setScheme(const QVariant& value) {
  // `Read` wraps its value in a variant once more than it should, and keeps doing so for its old callers.
  const bool wrapped = value.canConvert<QDBusVariant>();
  const uint scheme = wrapped ? value.value<QDBusVariant>().variant().toUInt() : value.toUInt();
  m_dark = scheme == kNoPreference ? std::nullopt : std::optional<bool>(scheme == kPrefersDark);
  emit changed();
}

}  // namespace fovea::ui

#include "app/desktop/single_instance.h"

#include <QCryptographicHash>
#include <QFileInfo>
#include <QLocalSocket>

namespace fovea::desktop {
namespace {

constexpr int kPatienceMs = 500;
constexpr const char* kRaise = "raise\n";

}  // namespace

SingleInstance::SingleInstance(const QString& databasePath, QObject* parent) : QObject(parent) {
  const QByteArray path = QFileInfo(databasePath).absoluteFilePath().toUtf8();
  const QByteArray digest = QCryptographicHash::hash(path, QCryptographicHash::Sha256).toHex().left(16);
  const QByteArray user = qgetenv("USER");
  m_name = QStringLiteral("fovea-%1-%2").arg(QString::fromUtf8(user), QString::fromLatin1(digest));
  m_server.setSocketOptions(QLocalServer::UserAccessOption);
  connect(&m_server, &QLocalServer::newConnection, this, [this] {
    while (QLocalSocket* socket = m_server.nextPendingConnection()) {
      connect(socket, &QLocalSocket::readyRead, this, [this, socket] {
        if (socket->readAll().startsWith(kRaise)) emit raiseRequested();
      });
      connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
    }
  });
}

bool SingleInstance::raiseOther() const {
  QLocalSocket socket;
  socket.connectToServer(m_name);
  if (!socket.waitForConnected(kPatienceMs)) return false;
  socket.write(kRaise);
  socket.waitForBytesWritten(kPatienceMs);
  socket.disconnectFromServer();
  return true;
}

void SingleInstance::listen() {
  if (m_server.listen(m_name)) return;
  // A program that crashed left its socket behind; nobody answered there, see raiseOther().
  QLocalServer::removeServer(m_name);
  m_server.listen(m_name);
}

}  // namespace fovea::desktop

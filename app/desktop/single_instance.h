// One window for one database: the first program listens, a second one asks it to come to the front and ends.
// A local socket, named after the database and the user; GUI thread.
#pragma once

#include <QLocalServer>
#include <QObject>
#include <QString>

namespace fovea::desktop {

class SingleInstance : public QObject {
  Q_OBJECT

 public:
  explicit SingleInstance(const QString& databasePath, QObject* parent = nullptr);

  /// True when another program has this database open; it has been asked to show its window.
  [[nodiscard]] bool raiseOther() const;
  /// From now on others are answered. Without a socket (no folder for it, say) every start opens a window,
  /// which is safe.
  void listen();

 signals:
  void raiseRequested();

 private:
  QString m_name;
  QLocalServer m_server;
};

}  // namespace fovea::desktop

// Writes the settings on a thread of its own, so that a slider may be dragged while the disk is slow: of what
// comes while it writes, the latest counts. The destructor finishes. Owned by the GUI thread, where failed()
// arrives.
#pragma once

#include <QObject>
#include <QString>
#include <memory>
#include <mutex>
#include <optional>

#include "app/mailbox.h"
#include "app/settings.h"
#include "app/task_thread.h"

namespace fovea::app {

class SettingsFile : public QObject {
  Q_OBJECT
 public:
  /// An empty path keeps nothing: the choices count for this run only.
  explicit SettingsFile(QString path, QObject* parent = nullptr);
  ~SettingsFile() override;

  [[nodiscard]] const QString& path() const { return m_path; }
  void save(const Settings& settings);

 signals:
  /// The file could not be written.
  void failed();

 private:
  void write();  // on the thread

  const QString m_path;
  Mailbox m_mailbox;
  std::mutex m_mutex;
  std::optional<Settings> m_waiting;  // guarded by m_mutex
  TaskThread m_thread;                // last: it uses the members above
};

}  // namespace fovea::app

#include "app/settings_file.h"

#include <utility>

namespace fovea::app {

SettingsFile::SettingsFile(QString path, QObject* parent) : QObject(parent), m_path(std::move(path)) {}

SettingsFile::~SettingsFile() {
  m_thread.finish();
}

void SettingsFile::save(const Settings& settings) {
  if (m_path.isEmpty()) return;
  {
    const std::lock_guard lock(m_mutex);
    const bool onItsWay = m_waiting.has_value();
    m_waiting = settings;
    if (onItsWay) return;
  }
  m_thread.post([this] { write(); });
}

void SettingsFile::write() {
  std::optional<Settings> settings;
  {
    const std::lock_guard lock(m_mutex);
    settings = std::exchange(m_waiting, std::nullopt);
  }
  if (settings && !saveSettings(m_path, *settings)) {
    m_mailbox.post([this] { emit failed(); });
  }
}

}  // namespace fovea::app

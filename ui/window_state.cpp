#include "ui/window_state.h"

#include <QEvent>
#include <QGuiApplication>
#include <QScreen>
#include <QSettings>
#include <QWindow>
#include <algorithm>

namespace fovea::ui {
namespace {

const QString kGeometryKey = QStringLiteral("window/geometry");
const QString kMaximizedKey = QStringLiteral("window/maximized");
constexpr int kVisiblePixels = 64;  // how much of the title bar must be within reach

bool withinReach(const QRect& geometry) {
  const QRect titleBar(geometry.topLeft(), QSize(geometry.width(), kVisiblePixels));
  const QList<QScreen*> screens = QGuiApplication::screens();
  return std::any_of(screens.begin(), screens.end(), [&](const QScreen* screen) {
    const QRect seen = screen->availableGeometry().intersected(titleBar);
    return seen.width() >= kVisiblePixels && seen.height() >= kVisiblePixels / 2;
  });
}

}  // namespace

WindowState::WindowState(QWindow* window, QString filePath, QObject* parent)
    : QObject(parent),
      m_window(window),
      m_filePath(std::move(filePath)),
      m_normalGeometry(window->geometry()) {
  restore();
  window->installEventFilter(this);
}

void WindowState::restore() {
  const QSettings file(m_filePath, QSettings::IniFormat);
  const QRect geometry = file.value(kGeometryKey).toRect();
  if (geometry.isValid()) {
    const QSize size = geometry.size().expandedTo(m_window->minimumSize());
    m_window->resize(size);
    if (withinReach(geometry)) m_window->setPosition(geometry.topLeft());
    m_normalGeometry = m_window->geometry();
  }
  if (file.value(kMaximizedKey).toBool()) m_window->setWindowStates(Qt::WindowMaximized);
}

void WindowState::remember() {
  if (m_window && m_window->isVisible() && m_window->windowStates() == Qt::WindowNoState) {
    m_normalGeometry = m_window->geometry();
  }
}

void WindowState::save() const {
  if (!m_window) return;
  QSettings file(m_filePath, QSettings::IniFormat);
  file.setValue(kGeometryKey, m_normalGeometry);
  file.setValue(kMaximizedKey, m_window->windowStates().testFlag(Qt::WindowMaximized));
}

bool WindowState::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Move || event->type() == QEvent::Resize) remember();
  if (event->type() == QEvent::Close) save();
  return QObject::eventFilter(watched, event);
}

}  // namespace fovea::ui

// Remembers size, position and maximised state of the window between starts, in a file of its own (what a
// user chose is not what a window manager did). GUI thread; the window outlives it or closes first.
#pragma once

#include <QObject>
#include <QPointer>
#include <QRect>
#include <QString>

class QWindow;

namespace fovea::ui {

class WindowState : public QObject {
  Q_OBJECT

 public:
  /// Restores `window` at once from `filePath`; it is saved when it closes. A position that no screen shows
  /// any more is left to the window manager.
  WindowState(QWindow* window, QString filePath, QObject* parent = nullptr);

  /// Written now; closing the window does it by itself.
  void save() const;

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void restore();
  void remember();

  QPointer<QWindow> m_window;
  QString m_filePath;
  QRect m_normalGeometry;  // what the window goes back to from maximised
};

}  // namespace fovea::ui

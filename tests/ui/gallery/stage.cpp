#include <QDeadlineTimer>
#include <QQuickItem>
#include <QQuickWindow>
#include <QTest>

#include "tests/ui/gallery/scene.h"
#include "ui/qml_module.h"

namespace fovea::test {
namespace {

constexpr int kPatienceMs = 10'000;

// Rows of a view have no QObject parent, so the search follows what is drawn.
void collect(QQuickItem* from, const QString& name, QList<QQuickItem*>& found) {
  if (!from->isVisible()) return;
  if (from->objectName() == name) found.append(from);
  for (QQuickItem* child : from->childItems()) collect(child, name, found);
}

}  // namespace

Stage::Stage(const SampleChats& chats, app::Settings settings, const QString& databasePath,
             ui::ThemeChoice theme, QSize size)
    : m_appearance(theme, settings.appearance) {
  const QString database =
      databasePath.isEmpty() ? m_folder.filePath(QStringLiteral("chats.db")) : databasePath;
  if (databasePath.isEmpty()) writeSampleChats(database, chats);
  m_parts = std::make_unique<WindowFixture>(std::move(settings), database);
  ui::registerQmlModule(m_engine);
  m_engine.setInitialProperties({{QStringLiteral("chat"), QVariant::fromValue(&m_parts->chat)},
                                 {QStringLiteral("appearance"), QVariant::fromValue(&m_appearance)}});
  m_engine.load(QUrl(QStringLiteral("qrc:/qt/qml/Fovea/qml/Main.qml")));
  if (m_engine.rootObjects().isEmpty()) qFatal("The window could not be made.");
  m_window = qobject_cast<QQuickWindow*>(m_engine.rootObjects().constFirst());
  m_window->resize(size);
  m_window->show();
  if (!QTest::qWaitForWindowExposed(m_window)) qWarning("The window is not exposed.");
  m_window->requestActivate();
}

Stage::~Stage() {
  delete m_window;
  m_parts->script.allow(-1);
  m_parts->script.holdLoad(false);
}

QList<QQuickItem*> Stage::items(const QString& name) const {
  QList<QQuickItem*> found;
  collect(m_window->contentItem(), name, found);
  return found;
}

QQuickItem* Stage::item(const QString& name) const {
  const QList<QQuickItem*> found = items(name);
  return found.isEmpty() ? nullptr : found.constLast();
}

bool Stage::waitFor(const std::function<bool()>& condition) {
  return QTest::qWaitFor(condition, kPatienceMs);
}

void Stage::settle(int milliseconds) {
  QTest::qWait(milliseconds);
}

void Stage::moveMouseTo(QQuickItem* item) {
  const QPointF center = item->mapToScene(QPointF(item->width() / 2, item->height() / 2));
  QTest::mouseMove(m_window, (center - QPointF(3, 3)).toPoint());
  QTest::mouseMove(m_window, center.toPoint());
}

void Stage::click(QQuickItem* item) {
  const QPointF center = item->mapToScene(QPointF(item->width() / 2, item->height() / 2));
  QTest::mouseClick(m_window, Qt::LeftButton, {}, center.toPoint());
}

void Stage::key(Qt::Key key, Qt::KeyboardModifiers modifiers) {
  QTest::keyClick(m_window, key, modifiers);
}

bool Stage::grab(const QString& file) {
  return m_window->grabWindow().save(file);
}

}  // namespace fovea::test

// Runs the flows in this folder's tst_*.qml against the real QML module.
#include <QtQuickTest/quicktest.h>
#include <QClipboard>
#include <QFile>
#include <QGuiApplication>
#include <QQmlContext>

#include "app/paths.h"
#include "tests/ui/flows/harness.h"

QString Harness::clipboard() const {
  return QGuiApplication::clipboard()->text();
}

QString Harness::truncatedModel() const {
  const QString path = m_folder->filePath(QStringLiteral("half.gguf"));
  QFile whole(fovea::app::embeddedDraftPath().value());
  QFile half(path);
  if (whole.open(QIODevice::ReadOnly) && half.open(QIODevice::WriteOnly))
    half.write(whole.read(whole.size() / 2));
  return path;
}

int Harness::lines(const QString& name) const {
  QFile file(m_folder->filePath(name));
  return file.open(QIODevice::ReadOnly) ? static_cast<int>(file.readAll().count('\n')) : -1;
}

void Harness::setClipboard(const QString& text) const {
  QGuiApplication::clipboard()->setText(text);
}

void Harness::qmlEngineAvailable(QQmlEngine* engine) {
  fovea::ui::registerQmlModule(*engine);
  engine->rootContext()->setContextProperty(QStringLiteral("harness"), this);
}

QUICK_TEST_MAIN_WITH_SETUP(flows, Harness)

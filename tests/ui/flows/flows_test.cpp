// Runs the flows in this folder's tst_*.qml against the real QML module.
#include <QtQuickTest/quicktest.h>
#include <QClipboard>
#include <QGuiApplication>
#include <QQmlContext>

#include "tests/ui/flows/harness.h"

QString Harness::clipboard() const {
  return QGuiApplication::clipboard()->text();
}

void Harness::setClipboard(const QString& text) const {
  QGuiApplication::clipboard()->setText(text);
}

void Harness::qmlEngineAvailable(QQmlEngine* engine) {
  fovea::ui::registerQmlModule(*engine);
  engine->rootContext()->setContextProperty(QStringLiteral("harness"), this);
}

QUICK_TEST_MAIN_WITH_SETUP(flows, Harness)

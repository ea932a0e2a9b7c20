// Breaks the rule on purpose; see tests/style/tests.cmake.
#include "ui/window.h"
#include <QGuiApplication>
#include <QString>
#include "broken.moc"

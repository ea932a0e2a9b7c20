// Breaks the rule on purpose; see tests/style/tests.cmake.
#include "kernels/dtype.h"
#include <QQuickWindow>
#include "app/paths.h"

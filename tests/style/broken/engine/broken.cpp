// Breaks the rule on purpose; see tests/style/tests.cmake.
#include "app/paths.h"
#include <QString>
#include "session.h"
#include <engine/session.h>

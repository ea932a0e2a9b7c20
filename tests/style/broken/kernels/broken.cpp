// Breaks the rule on purpose; see tests/style/tests.cmake.
#include "engine/session.h"
#include <QString>
#include <spdlog/spdlog.h>
#include <vector>
#include "hwy/highway.h"

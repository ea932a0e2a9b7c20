// The picture that an export of statistics makes, of made-up answers.
#pragma once

#include <QImage>

namespace fovea::test {

[[nodiscard]] QImage sampleCharts(int answers);

}  // namespace fovea::test

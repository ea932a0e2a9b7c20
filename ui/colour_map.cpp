#include "ui/colour_map.h"

#include <algorithm>
#include <array>

namespace fovea::ui {

QRgb heatColour(double value) {
  static constexpr std::array<QRgb, 9> kViridis = {0xff440154, 0xff472d7b, 0xff3b528b, 0xff2c728e, 0xff21918c,
                                                   0xff28ae80, 0xff5ec962, 0xffaddc30, 0xfffde725};
  const double clamped = value >= 0 ? std::min(value, 1.0) : 0.0;  // NaN counts as 0
  const double at = clamped * (kViridis.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), kViridis.size() - 2);
  const double share = at - static_cast<double>(below);
  const auto mix = [share](int from, int to) { return static_cast<int>(from + share * (to - from) + 0.5); };
  const QRgb from = kViridis[below];
  const QRgb to = kViridis[below + 1];
  return qRgb(mix(qRed(from), qRed(to)), mix(qGreen(from), qGreen(to)), mix(qBlue(from), qBlue(to)));
}

}  // namespace fovea::ui

// A plot of curves as SVG: what reading less costs. White background and colours that colour-blind people
// tell apart (Okabe and Ito), each curve with a marker of its own. Written directly, so that headless needs
// no drawing library. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fovea::app::cli {

struct PlotPoint {
  double saved = 0;     // KV reads saved, a fraction
  double increase = 0;  // of perplexity, a fraction
  std::string label;    // shown when the pointer rests on the marker
};

struct PlotCurve {
  std::string name;
  std::vector<PlotPoint> points;  // in any order; drawn from left to right
};

/// A complete SVG file: perplexity increase (upwards) against KV reads saved (to the right), both in per
/// cent. The upward scale is linear around 0 and logarithmic beyond, so that a tenth of a per cent and ten
/// per cent are both to be seen. Points that are not finite are left out; no point at all gives empty axes.
/// Texts are escaped.
[[nodiscard]] std::string evaluationPlot(const std::string& title, const std::vector<PlotCurve>& curves);

/// `text` with &, <, > and quotes as entities, and without characters that XML does not know.
[[nodiscard]] std::string escapedXml(std::string_view text);

}  // namespace fovea::app::cli

#include "app/cli/evaluation_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace fovea::app::cli {
namespace {

constexpr double kWidth = 860;
constexpr double kHeight = 560;
constexpr double kLeft = 84;
constexpr double kRight = 690;  // the legend stands beyond
constexpr double kTop = 56;
constexpr double kBottom = 488;
constexpr double kLinearPercent = 0.5;  // the upward scale is about linear within this
constexpr std::size_t kMarkers = 5;

// Okabe and Ito: blue, vermilion, green, purple, black, orange, sky blue. Yellow is too light on white.
constexpr std::array kColours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9"};

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 512> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

double bent(double percent) {
  return std::asinh(percent / kLinearPercent);
}

struct Range {
  double low = 0;
  double high = 0;
};

bool isFinite(const PlotPoint& point) {
  return std::isfinite(point.saved) && std::isfinite(point.increase);
}

template <typename Value>
Range rangeOf(const std::vector<PlotCurve>& curves, Range least, Value value) {
  for (const PlotCurve& curve : curves) {
    for (const PlotPoint& point : curve.points) {
      if (!isFinite(point)) continue;
      least.low = std::min(least.low, 100.0 * value(point));
      least.high = std::max(least.high, 100.0 * value(point));
    }
  }
  return least;
}

// 1, 2 and 5 times each power of ten, and 0, from -1000% on.
std::vector<double> increaseTicks(Range range) {
  std::vector<double> ticks = {0};
  for (int exponent = -1; exponent <= 6; ++exponent) {
    const double power = std::pow(10.0, exponent);
    for (const double factor : {1.0, 2.0, 5.0}) {
      ticks.push_back(power * factor);
      ticks.push_back(-power * factor);
    }
  }
  std::erase_if(ticks, [&](double tick) { return tick < range.low || tick > range.high; });
  std::ranges::sort(ticks);
  return ticks;
}

class Plot {
 public:
  explicit Plot(const std::vector<PlotCurve>& curves) : m_curves(curves) {
    const Range saved = rangeOf(curves, {90, 100}, [](const PlotPoint& point) { return point.saved; });
    m_savedStep = saved.low < 50 ? 10 : saved.low < 80 ? 5 : 2;
    m_saved = {std::floor(saved.low / m_savedStep) * m_savedStep, 100};
    m_increase = rangeOf(curves, {-0.1, 1}, [](const PlotPoint& point) { return point.increase; });
    m_increase = {m_increase.low * 1.15, m_increase.high * 1.15};
  }

  [[nodiscard]] std::string draw(const std::string& title) const {
    std::string svg = format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" viewBox=\"0 0 %g %g\" "
        "font-family=\"sans-serif\" font-size=\"13\" fill=\"#222222\">\n",
        kWidth, kHeight, kWidth, kHeight);
    svg += "<title>" + escapedXml(title) + "</title>\n";
    svg += format("<rect width=\"%g\" height=\"%g\" fill=\"#ffffff\"/>\n", kWidth, kHeight);
    svg += format("<text x=\"%g\" y=\"30\" font-size=\"16\" font-weight=\"bold\">", kLeft) +
           escapedXml(title) + "</text>\n";
    svg += axes();
    for (std::size_t index = 0; index < m_curves.size(); ++index) svg += curve(index) + legend(index);
    return svg + "</svg>\n";
  }

 private:
  [[nodiscard]] double x(double percent) const {
    return kLeft + (percent - m_saved.low) / (m_saved.high - m_saved.low) * (kRight - kLeft);
  }
  [[nodiscard]] double y(double percent) const {
    const double low = bent(m_increase.low);
    return kBottom - (bent(percent) - low) / (bent(m_increase.high) - low) * (kBottom - kTop);
  }

  [[nodiscard]] std::string axes() const {
    std::string svg;
    const int steps = static_cast<int>((m_saved.high - m_saved.low) / m_savedStep + 1e-9);
    for (int step = 0; step <= steps; ++step) {
      const double tick = m_saved.low + step * m_savedStep;
      svg += line(x(tick), kTop, x(tick), kBottom, "#e4e4e4");
      svg +=
          format("<text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">%g</text>\n", x(tick), kBottom + 20, tick);
    }
    for (const double tick : increaseTicks(m_increase)) {
      svg += line(kLeft, y(tick), kRight, y(tick), tick == 0 ? "#888888" : "#e4e4e4");
      svg += format("<text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">%s%g</text>\n", kLeft - 8, y(tick) + 4.5,
                    tick > 0 ? "+" : "", tick);
    }
    svg += format("<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" stroke=\"#444444\"/>\n",
                  kLeft, kTop, kRight - kLeft, kBottom - kTop);
    svg += format("<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">KV reads saved (%%)</text>\n",
                  (kLeft + kRight) / 2, kBottom + 46);
    svg += format(
        "<text transform=\"translate(24 %g) rotate(-90)\" text-anchor=\"middle\">Perplexity increase (%%), "
        "logarithmic beyond 0.5"
        "</text>\n",
        (kTop + kBottom) / 2);
    return svg;
  }

  static std::string line(double x1, double y1, double x2, double y2, const char* colour) {
    return format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", x1, y1, x2, y2,
                  colour);
  }

  static const char* colour(std::size_t index) { return kColours[index % kColours.size()]; }

  // Circle, square, triangle, diamond, and a triangle on its tip.
  static std::string marker(std::size_t index, double cx, double cy, const std::string& inside) {
    std::string shape;
    switch (index % kMarkers) {
      case 0:
        shape = format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\"", cx, cy);
        break;
      case 1:
        shape = format("<rect x=\"%.1f\" y=\"%.1f\" width=\"9\" height=\"9\"", cx - 4.5, cy - 4.5);
        break;
      case 2:
        shape = format("<path d=\"M%.1f %.1f l5.5 10 h-11 z\"", cx, cy - 6);
        break;
      case 3:
        shape = format("<path d=\"M%.1f %.1f l6 6 l-6 6 l-6 -6 z\"", cx, cy - 6);
        break;
      default:
        shape = format("<path d=\"M%.1f %.1f l5.5 -10 h-11 z\"", cx, cy + 6);
    }
    shape += format(" fill=\"%s\" stroke=\"#ffffff\"", colour(index));
    return inside.empty() ? shape + "/>\n"
                          : shape + "><title>" + escapedXml(inside) + "</title></" +
                                shape.substr(1, shape.find(' ') - 1) + ">\n";
  }

  [[nodiscard]] std::string curve(std::size_t index) const {
    std::vector<PlotPoint> points = m_curves[index].points;
    std::erase_if(points, [](const PlotPoint& point) { return !isFinite(point); });
    std::ranges::stable_sort(points, {}, &PlotPoint::saved);
    std::string way;
    std::string markers;
    for (const PlotPoint& point : points) {
      const double px = x(100 * point.saved);
      const double py = y(100 * point.increase);
      way += format("%.1f,%.1f ", px, py);
      markers += marker(index, px, py,
                        m_curves[index].name + ", " + point.label +
                            format(": %.1f%% saved, %+.2f%%", 100 * point.saved, 100 * point.increase));
    }
    if (points.empty()) return way;
    return "<polyline points=\"" + way.substr(0, way.size() - 1) + "\" fill=\"none\" stroke=\"" +
           colour(index) + "\" stroke-width=\"2\"/>\n" + markers;
  }

  [[nodiscard]] std::string legend(std::size_t index) const {
    const double cy = kTop + 12 + 24 * static_cast<double>(index);
    return format("<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"%s\" stroke-width=\"2\"/>\n",
                  kRight + 16, cy, kRight + 48, cy, colour(index)) +
           marker(index, kRight + 32, cy, "") + format("<text x=\"%g\" y=\"%g\">", kRight + 56, cy + 4.5) +
           escapedXml(m_curves[index].name) + "</text>\n";
  }

  const std::vector<PlotCurve>& m_curves;
  Range m_saved;  // per cent
  double m_savedStep = 10;
  Range m_increase;  // per cent
};

}  // namespace

std::string evaluationPlot(const std::string& title, const std::vector<PlotCurve>& curves) {
  return Plot(curves).draw(title);
}

std::string escapedXml(std::string_view text) {
  std::string escaped;
  for (const char character : text) {
    switch (character) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&apos;";
        break;
      default:
        if (static_cast<unsigned char>(character) >= 0x20 || character == '\n' || character == '\t')
          escaped += character;
    }
  }
  return escaped;
}

}  // namespace fovea::app::cli

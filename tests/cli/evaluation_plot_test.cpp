#include "app/cli/evaluation_plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace fovea::app::cli {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(EvaluationPlot, DrawsEveryCurveWithItsMarkersAndALegend) {
  const std::string svg =
      evaluationPlot("Title", {{"draft", {{0.8, 0.01, "p = 0.8"}, {0.9, 0.03, "p = 0.7"}}},
                               {"streaming", {{0.75, 0.1, "budget = 0.25"}}}});
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_EQ(count(svg, "<polyline"), 2U);
  EXPECT_EQ(count(svg, "<circle"), 3U) << "two points and the legend";
  EXPECT_NE(svg.find("fill=\"#ffffff\""), std::string::npos) << "a background of its own";
  EXPECT_NE(svg.find(">draft</text>"), std::string::npos);
  EXPECT_NE(svg.find(">streaming</text>"), std::string::npos);
  EXPECT_NE(svg.find("KV reads saved (%)"), std::string::npos);
  EXPECT_NE(svg.find("Perplexity increase (%)"), std::string::npos);
  EXPECT_NE(svg.find("draft, p = 0.8: 80.0% saved, +1.00%"), std::string::npos);
}

TEST(EvaluationPlot, JoinsPointsFromLeftToRight) {
  const std::string one = evaluationPlot("", {{"a", {{0.5, 0.01, ""}, {0.9, 0.02, ""}, {0.7, 0.03, ""}}}});
  const std::string other = evaluationPlot("", {{"a", {{0.9, 0.02, ""}, {0.7, 0.03, ""}, {0.5, 0.01, ""}}}});
  EXPECT_EQ(one, other);
}

TEST(EvaluationPlot, EscapesTextsThatAreMarkup) {
  EXPECT_EQ(escapedXml("a<b>&\"'\x01\n"), "a&lt;b&gt;&amp;&quot;&apos;\n");
  const std::string svg = evaluationPlot("<script>", {{"a & b", {{0.5, 0.1, "\"<"}}}});
  EXPECT_EQ(svg.find("<script>"), std::string::npos);
  EXPECT_NE(svg.find("a &amp; b"), std::string::npos);
  EXPECT_NE(svg.find("&quot;&lt;"), std::string::npos);
}

TEST(EvaluationPlot, SurvivesNumbersThatCannotBeDrawn) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  const std::string svg = evaluationPlot("x", {{"a", {{nan, 0, ""}, {0.5, infinite, ""}}}, {"b", {}}});
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  EXPECT_EQ(count(svg, "<polyline"), 0U);
  EXPECT_NE(evaluationPlot("", {}).find("</svg>"), std::string::npos);
  // A selector that reads more than everything, and one that ruins the model: still a finite plot.
  const std::string wild = evaluationPlot("", {{"a", {{-0.2, 1e4, "p"}, {0.3, -0.5, "q"}}}});
  EXPECT_LT(wild.size(), 40'000U);
}

}  // namespace
}  // namespace fovea::app::cli

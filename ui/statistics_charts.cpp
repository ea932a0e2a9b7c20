#include "ui/statistics_charts.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QDateTime>
#include <QFontDatabase>
#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "app/statistics_export.h"
#include "app/trace_figures.h"
#include "ui/chart_painter.h"
#include "ui/colour_map.h"
#include "ui/figure_text.h"

namespace fovea::ui {
namespace {

struct StatisticsCharts {
  Q_DECLARE_TR_FUNCTIONS(StatisticsCharts)
};

constexpr int kWidth = 1600;
constexpr int kMargin = 72;
constexpr int kAxis = 88;  // left of a chart, for its marks and its title
constexpr int kTextPixels = 20;
constexpr int kStepsHeight = 340;
constexpr int kReadsHeight = 420;
constexpr int kScaleHeight = 18;
constexpr int kHeight = 1500;
constexpr double kDotsPerMeter = 150 / 0.0254;

const QColor kInk(0x33, 0x33, 0x33);
const QColor kMuted(0x66, 0x66, 0x66);
const QColor kGrid(0xd9, 0xd9, 0xd9);
const QColor kRead(0x0b, 0x6e, 0x69);
const QColor kMass(0xc9, 0x8a, 0x0c);

/// Answers, oldest first, with their traces.
struct Answers {
  QList<app::Message> messages;
  QList<std::shared_ptr<const app::TurnTrace>> traces;
  QString question;  // of the first
};

Answers answersOf(const QList<app::Message>& messages, const QList<app::StoredTrace>& traces) {
  Answers answers;
  QString asked;
  for (const app::Message& message : messages) {
    if (message.role == Role::kUser) asked = message.text.simplified();
    const auto found = std::find_if(traces.cbegin(), traces.cend(), [&](const app::StoredTrace& stored) {
      return stored.messageId == message.id && stored.trace;
    });
    if (found == traces.cend()) continue;
    if (answers.messages.isEmpty()) answers.question = asked;
    answers.messages.append(message);
    answers.traces.append(found->trace);
  }
  return answers;
}

/// What the whole page shows, of all answers together.
struct Content {
  StepSeries steps;
  ReadMap reads;
  TurnStatistics sums;
  bool remapped = false;
};

Content contentOf(const Answers& answers) {
  Content content;
  for (const auto& trace : answers.traces) {
    appendAnswer(content.steps, *trace);
    content.reads = added(content.reads, trace->reads);
    for (const app::TraceStep& step : trace->steps) content.sums.add(step.telemetry);
    content.remapped = content.remapped || trace->remapped;
  }
  return content;
}

/// Writes down the page, from top to bottom.
class Page {
 public:
  explicit Page(QImage& image) : m_painter(&image) {
    m_painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    m_font = QFontDatabase::systemFont(QFontDatabase::GeneralFont);
    font(kTextPixels, QFont::Normal);
  }

  void heading(const QString& title, const QString& below) {
    m_y = kMargin;
    line(title, 38, QFont::DemiBold, kInk, 54);
    line(below, 22, QFont::Normal, kMuted, 62);
  }

  void figures(const QList<std::pair<QString, QString>>& figures) {
    const double each = double(kWidth - 2 * kMargin) / double(figures.size());
    for (qsizetype i = 0; i < figures.size(); ++i) {
      const double x = kMargin + each * double(i);
      font(32, QFont::DemiBold);
      text(QRectF(x, m_y, each, 42), Qt::AlignLeft, figures.at(i).second, kInk);
      font(kTextPixels, QFont::Normal);
      text(QRectF(x, m_y + 44, each, 30), Qt::AlignLeft, figures.at(i).first, kMuted);
    }
    m_y += 116;
  }

  void steps(const StepSeries& series) {
    line(StatisticsCharts::tr("Step by step"), 26, QFont::DemiBold, kInk, 0);
    stepLegend(series);
    m_y += 52;
    const QRectF area(kMargin + kAxis, m_y, kWidth - 2 * kMargin - kAxis, kStepsHeight);
    font(kTextPixels, QFont::Normal);
    paintSteps(m_painter, area, series, {kInk, kGrid, kRead, kMass, 3});
    frame(area);
    marks(area, double(series.points.size()), 1);
    axisTitles(area,
               series.begins.size() > 1
                   ? StatisticsCharts::tr("Steps of all answers, a dotted line where one begins")
                   : StatisticsCharts::tr("Steps of the answer"),
               StatisticsCharts::tr("Share"));
    m_y = area.bottom() + 116;
  }

  void reads(const ReadMap& map) {
    line(StatisticsCharts::tr("What each layer read"), 26, QFont::DemiBold, kInk, 52);
    const QRectF area(kMargin + kAxis, m_y, kWidth - 2 * kMargin - kAxis, kReadsHeight);
    paintReads(m_painter, area, readValues(map, ReadMeasure::Share, {}));
    frame(area);
    marks(area, double(map.dense().size() * ReadMap::kBucketPositions), 0);
    layerMarks(area, static_cast<int>(map.layers()));
    axisTitles(area, StatisticsCharts::tr("Position in the context, in tokens"),
               StatisticsCharts::tr("Layer"));
    m_y = area.bottom() + 96;
    scale();
  }

  void footer(const QString& words) {
    font(16, QFont::Normal);
    text(QRectF(kMargin, kHeight - 46, kWidth - 2 * kMargin, 24), Qt::AlignRight, words, kMuted);
  }

 private:
  void font(int pixels, QFont::Weight weight) {
    m_font.setPixelSize(pixels);
    m_font.setWeight(weight);
    m_painter.setFont(m_font);
  }
  void text(const QRectF& where, Qt::Alignment alignment, const QString& words, const QColor& colour) {
    m_painter.setPen(colour);
    const QString fitting =
        m_painter.fontMetrics().elidedText(words, Qt::ElideRight, static_cast<int>(where.width()));
    m_painter.drawText(where, static_cast<int>(alignment | Qt::AlignVCenter), fitting);
  }
  void line(const QString& words, int pixels, QFont::Weight weight, const QColor& colour, int advance) {
    font(pixels, weight);
    text(QRectF(kMargin, m_y, kWidth - 2 * kMargin, pixels * 1.4), Qt::AlignLeft, words, colour);
    m_y += advance;
  }
  void frame(const QRectF& area) {
    m_painter.setBrush(Qt::NoBrush);
    m_painter.setPen(QPen(kMuted, 1));
    m_painter.drawRect(area);
  }

  /// At the right of the heading, in the order in which the eye meets them.
  void stepLegend(const StepSeries& series) {
    double most = 0;
    for (const StepPoint& point : series.points) most = std::max(most, point.proposed);
    font(kTextPixels, QFont::Normal);
    const QList<std::pair<QString, QPen>> entries{
        {StatisticsCharts::tr("entries read"), QPen(kRead, 3)},
        {StatisticsCharts::tr("attention kept"), QPen(kMass, 3, Qt::DashLine)},
        {StatisticsCharts::tr("tokens proposed (at most %1)").arg(most), QPen(kGrid, 14)},
        {StatisticsCharts::tr("and accepted"), QPen(QColor(kInk.red(), kInk.green(), kInk.blue(), 150), 14)}};
    constexpr int kSample = 44;
    double x = kWidth - kMargin;
    for (auto entry = entries.crbegin(); entry != entries.crend(); ++entry) {
      const double width = m_painter.fontMetrics().horizontalAdvance(entry->first) + 4;
      text(QRectF(x - width, m_y, width, 36), Qt::AlignLeft, entry->first, kInk);
      QPen pen = entry->second;
      pen.setCapStyle(Qt::FlatCap);
      m_painter.setPen(pen);
      m_painter.drawLine(QPointF(x - width - kSample - 10, m_y + 18), QPointF(x - width - 10, m_y + 18));
      x -= width + kSample + 40;
    }
  }

  /// Round numbers along the lower edge; `first` stands at the left end, `first + count` at the right one.
  void marks(const QRectF& area, double count, int first) {
    font(kTextPixels, QFont::Normal);
    const double round = std::pow(10, std::floor(std::log10(std::max(count / 5, 1.0))));
    const double step = count / 5 / round >= 5 ? 5 * round : count / 5 / round >= 2 ? 2 * round : round;
    for (double at = first == 0 ? 0 : step; at <= count; at += step) {
      // A step stands in the middle of its place, a position at the left of it.
      const double x = area.left() + area.width() * (at - first * 0.5) / count;
      m_painter.setPen(QPen(kMuted, 1));
      m_painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 7));
      text(QRectF(x - 80, area.bottom() + 9, 160, 28), Qt::AlignHCenter, QLocale().toString(at, 'f', 0),
           kInk);
    }
  }
  void layerMarks(const QRectF& area, int layers) {
    const int step = std::max((layers + 7) / 8, 1);
    for (int layer = 1; layer <= layers; layer += step) {
      const double y = area.top() + area.height() * (layer - 0.5) / layers;
      text(QRectF(kMargin, y - 14, kAxis - 12, 28), Qt::AlignRight, QString::number(layer), kInk);
    }
  }
  void axisTitles(const QRectF& area, const QString& along, const QString& up) {
    font(kTextPixels, QFont::Normal);
    text(QRectF(area.left(), area.bottom() + 40, area.width(), 30), Qt::AlignHCenter, along, kMuted);
    m_painter.save();
    m_painter.translate(kMargin - 34, area.center().y());
    m_painter.rotate(-90);
    text(QRectF(-area.height() / 2, 0, area.height(), 30), Qt::AlignHCenter, up, kMuted);
    m_painter.restore();
  }
  /// What the colours mean.
  void scale() {
    const QRectF bar(kMargin + kAxis, m_y, 460, kScaleHeight);
    QLinearGradient gradient(bar.topLeft(), bar.topRight());
    for (int at = 0; at <= 16; ++at) gradient.setColorAt(at / 16.0, QColor(heatColour(at / 16.0)));
    m_painter.fillRect(bar, gradient);
    font(kTextPixels, QFont::Normal);
    for (const int mark : {0, 25, 50, 75, 100}) {
      const double x = bar.left() + bar.width() * mark / 100;
      text(QRectF(x - 40, bar.bottom() + 4, 80, 26), Qt::AlignHCenter, QStringLiteral("%1%").arg(mark), kInk);
    }
    text(QRectF(bar.right() + 48, m_y - 6, kWidth - kMargin - bar.right() - 48, 30), Qt::AlignLeft,
         StatisticsCharts::tr("How often a layer read there, of the times that dense reading would have"),
         kInk);
  }

  QPainter m_painter;
  QFont m_font;
  double m_y = 0;
};

QString fromView(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

/// Model, mode, when; and what makes the positions less than exact.
QString description(const Answers& answers, const Content& content) {
  const app::TurnTrace& last = *answers.traces.last();
  const app::Message& message = answers.messages.last();
  QStringList parts;
  if (!message.modelName.isEmpty()) parts << message.modelName;
  parts << StatisticsCharts::tr("mode %1").arg(fromView(to_string(last.options.mode)));
  if (last.options.mode == Mode::kSparse || last.options.mode == Mode::kExact) {
    parts << StatisticsCharts::tr("attention top-p %1")
                 .arg(QLocale().toString(double{last.options.sparsity.attention_top_p}, 'g', 3));
  }
  if (answers.messages.size() > 1)
    parts << StatisticsCharts::tr("%n answers", "", static_cast<int>(answers.messages.size()));
  parts << QLocale().toString(message.createdAt.toLocalTime(), QLocale::ShortFormat);
  if (content.remapped) parts << StatisticsCharts::tr("older turns were dropped midway");
  return parts.join(QStringLiteral(" \u00b7 "));
}

QList<std::pair<QString, QString>> figuresOf(const TurnStatistics& sums) {
  const QLocale locale;
  const double tokensAPass = double(sums.generated_tokens) / std::max(sums.steps, 1);
  return {{StatisticsCharts::tr("KV reads saved"), percent(sums.kv_reads_saved())},
          {StatisticsCharts::tr("attention kept"), percent(sums.attention_mass_kept)},
          {StatisticsCharts::tr("drafts accepted"),
           sums.proposed > 0 ? percent(sums.acceptance_rate()) : StatisticsCharts::tr("no draft")},
          {StatisticsCharts::tr("tokens a pass"), locale.toString(tokensAPass, 'f', 2)},
          {StatisticsCharts::tr("tokens written"), locale.toString(sums.generated_tokens)}};
}

}  // namespace

QImage statisticsCharts(const app::Conversation& conversation, const QList<app::Message>& messages,
                        const QList<app::StoredTrace>& traces) {
  const Answers answers = answersOf(messages, traces);
  if (answers.messages.isEmpty()) return {};
  const Content content = contentOf(answers);
  QImage image(kWidth, kHeight, QImage::Format_RGB32);
  image.setDotsPerMeterX(static_cast<int>(kDotsPerMeter));
  image.setDotsPerMeterY(static_cast<int>(kDotsPerMeter));
  image.fill(Qt::white);
  Page page(image);
  const bool one = answers.messages.size() == 1 && !answers.question.isEmpty();
  page.heading(one ? answers.question : conversation.title, description(answers, content));
  page.figures(figuresOf(content.sums));
  page.steps(content.steps);
  page.reads(content.reads);
  page.footer(QStringLiteral("Fovea"));
  return image;
}

Result<void> exportStatisticsCharts(const QString& path, const app::Conversation& conversation,
                                    const QList<app::Message>& messages,
                                    const QList<app::StoredTrace>& traces) {
  const QImage image = statisticsCharts(conversation, messages, traces);
  if (image.isNull()) return app::nothingRecorded();
  QBuffer png;
  png.open(QIODevice::WriteOnly);
  if (!image.save(&png, "PNG")) {
    return Error{ErrorCode::kOutOfMemory, "The charts cannot be packed as PNG.", "Close other programs."};
  }
  return app::writeStatisticsFile(path, png.data());
}

}  // namespace fovea::ui

// The two pictures of the insights, drawn natively and only when something changed: steps as curves and bars,
// and what each layer read of each stretch of the context, or saved there. Hovering or the arrow keys choose
// a step or a cell; `words` says what is there. GUI thread.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QColor>
#include <QPointer>
#include <QQuickPaintedItem>

#include "ui/insights_view_model.h"
#include "ui/read_values.h"
#include "ui/steps_view_model.h"

namespace fovea::ui {

class InsightsChart : public QQuickPaintedItem {
  Q_OBJECT
  QML_ELEMENT
  Q_PROPERTY(fovea::ui::InsightsViewModel* insights READ insights WRITE setInsights NOTIFY insightsChanged)
  Q_PROPERTY(fovea::ui::StepsViewModel* steps READ steps WRITE setSteps NOTIFY stepsChanged)
  Q_PROPERTY(Measure measure READ measure WRITE setMeasure NOTIFY valuesChanged)
  Q_PROPERTY(QString topText READ topText NOTIFY valuesChanged)
  Q_PROPERTY(Kind kind MEMBER m_kind NOTIFY styleChanged)
  Q_PROPERTY(QColor ink MEMBER m_ink NOTIFY styleChanged)
  Q_PROPERTY(QColor grid MEMBER m_grid NOTIFY styleChanged)
  Q_PROPERTY(QColor readColor MEMBER m_readColor NOTIFY styleChanged)
  Q_PROPERTY(QColor massColor MEMBER m_massColor NOTIFY styleChanged)
  Q_PROPERTY(int fontPixels MEMBER m_fontPixels NOTIFY styleChanged)
  Q_PROPERTY(QString words READ words NOTIFY wordsChanged)

 public:
  enum class Kind { Steps, Reads };
  Q_ENUM(Kind)
  /// Of the map of reads. As ReadMeasure.
  enum class Measure { Share, BytesSaved, SecondsSaved };
  Q_ENUM(Measure)

  explicit InsightsChart(QQuickItem* parent = nullptr);

  [[nodiscard]] InsightsViewModel* insights() const { return m_insights; }
  void setInsights(InsightsViewModel* insights);
  [[nodiscard]] StepsViewModel* steps() const { return m_steps; }
  void setSteps(StepsViewModel* steps);
  [[nodiscard]] Measure measure() const { return m_measure; }
  void setMeasure(Measure measure);
  /// What the brightest colour of the map means: bytes or time; empty for shares, and where nobody knows.
  [[nodiscard]] QString topText() const;
  /// Of the step or the cell that was chosen; empty where none is.
  [[nodiscard]] QString words() const;

  void paint(QPainter* painter) override;

 signals:
  void insightsChanged();
  void stepsChanged();
  void valuesChanged();
  void styleChanged();
  void wordsChanged();

 protected:
  void hoverMoveEvent(QHoverEvent* event) override;
  void hoverLeaveEvent(QHoverEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  [[nodiscard]] int columns() const;
  [[nodiscard]] int rows() const;
  [[nodiscard]] QRectF plot() const;
  void choose(int column, int row);
  void refresh();
  void markStep(QPainter& painter, const QRectF& area) const;
  void markCell(QPainter& painter, const QRectF& area) const;
  void paintLayers(QPainter& painter, const QRectF& area) const;

  QPointer<InsightsViewModel> m_insights;
  QPointer<StepsViewModel> m_steps;
  Measure m_measure = Measure::Share;
  ReadValues m_values;  // of the map
  Kind m_kind = Kind::Steps;
  QColor m_ink;
  QColor m_grid;
  QColor m_readColor;
  QColor m_massColor;
  int m_fontPixels = 12;
  int m_column = -1;
  int m_row = -1;
};

}  // namespace fovea::ui

// The two pictures of the insights, drawn natively and only when something changed: the steps of an answer as
// curves and bars, and how often each layer read each stretch of the context. Hovering or the arrow keys
// choose a step or a cell; `words` says what is there. GUI thread.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QColor>
#include <QPointer>
#include <QQuickPaintedItem>

#include "ui/insights_view_model.h"

namespace fovea::ui {

class InsightsChart : public QQuickPaintedItem {
  Q_OBJECT
  QML_ELEMENT
  Q_PROPERTY(fovea::ui::InsightsViewModel* insights READ insights WRITE setInsights NOTIFY insightsChanged)
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

  explicit InsightsChart(QQuickItem* parent = nullptr);

  [[nodiscard]] InsightsViewModel* insights() const { return m_insights; }
  void setInsights(InsightsViewModel* insights);
  /// Of the step or the cell that was chosen; empty where none is.
  [[nodiscard]] QString words() const;

  void paint(QPainter* painter) override;

 signals:
  void insightsChanged();
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
  void paintSteps(QPainter& painter, const QRectF& area) const;
  void paintReads(QPainter& painter, const QRectF& area) const;

  QPointer<InsightsViewModel> m_insights;
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

// Draws the alignment of a pair: a cell for each verifier layer (downwards) and draft layer (to the right),
// the stronger the darker, and the layer path as rings. Colours come from QML. One item on the GUI thread;
// paints only when something changed.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QColor>
#include <QList>
#include <QQuickPaintedItem>

namespace fovea::ui {

class AlignmentMap : public QQuickPaintedItem {
  Q_OBJECT
  QML_ELEMENT
  Q_PROPERTY(int verifierLayers MEMBER m_verifierLayers NOTIFY changed)
  Q_PROPERTY(int draftLayers MEMBER m_draftLayers NOTIFY changed)
  Q_PROPERTY(QList<qreal> strengths MEMBER m_strengths NOTIFY changed)
  Q_PROPERTY(QList<int> path MEMBER m_path NOTIFY changed)
  Q_PROPERTY(QColor emptyColor MEMBER m_emptyColor NOTIFY changed)
  Q_PROPERTY(QColor strongColor MEMBER m_strongColor NOTIFY changed)
  Q_PROPERTY(QColor lineColor MEMBER m_lineColor NOTIFY changed)
  Q_PROPERTY(QColor pathColor MEMBER m_pathColor NOTIFY changed)

 public:
  explicit AlignmentMap(QQuickItem* parent = nullptr);

  void paint(QPainter* painter) override;
  /// (draft layer, verifier layer) at a place of the item; negative outside.
  Q_INVOKABLE QPointF cellAt(const QPointF& place) const;

 signals:
  void changed();

 private:
  [[nodiscard]] QRectF cell(int verifierLayer, int draftLayer) const;

  int m_verifierLayers = 0;
  int m_draftLayers = 0;
  QList<qreal> m_strengths;  // [verifier layers][draft layers], 0 .. 1
  QList<int> m_path;         // [verifier layers]: a draft layer
  QColor m_emptyColor;
  QColor m_strongColor;
  QColor m_lineColor;
  QColor m_pathColor;
};

}  // namespace fovea::ui

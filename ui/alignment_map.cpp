#include "ui/alignment_map.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace fovea::ui {
namespace {

QColor mixed(const QColor& from, const QColor& to, qreal share) {
  const auto between = [share](float a, float b) { return a + static_cast<float>(share) * (b - a); };
  return QColor::fromRgbF(between(from.redF(), to.redF()), between(from.greenF(), to.greenF()),
                          between(from.blueF(), to.blueF()));
}

}  // namespace

AlignmentMap::AlignmentMap(QQuickItem* parent) : QQuickPaintedItem(parent) {
  connect(this, &AlignmentMap::changed, this, [this] { update(); });
}

QRectF AlignmentMap::cell(int verifierLayer, int draftLayer) const {
  const qreal across = width() / m_draftLayers;
  const qreal down = height() / m_verifierLayers;
  return {draftLayer * across, verifierLayer * down, across, down};
}

QPointF AlignmentMap::cellAt(const QPointF& place) const {
  if (m_verifierLayers <= 0 || m_draftLayers <= 0 || !contains(place)) return {-1, -1};
  return {std::floor(place.x() / width() * m_draftLayers),
          std::floor(place.y() / height() * m_verifierLayers)};
}

void AlignmentMap::paint(QPainter* painter) {
  // The properties arrive one by one: between two of them the sizes do not agree.
  const qsizetype cells = static_cast<qsizetype>(m_verifierLayers) * m_draftLayers;
  if (cells <= 0 || m_strengths.size() != cells) return;
  painter->setPen(QPen(m_lineColor, 1));
  for (int row = 0; row < m_verifierLayers; ++row) {
    for (int column = 0; column < m_draftLayers; ++column) {
      const qreal strength = m_strengths.at(static_cast<qsizetype>(row) * m_draftLayers + column);
      painter->setBrush(mixed(m_emptyColor, m_strongColor, std::clamp(strength, 0.0, 1.0)));
      painter->drawRect(cell(row, column).adjusted(0.5, 0.5, -0.5, -0.5));
    }
  }
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setBrush(Qt::NoBrush);
  for (int row = 0; row < std::min<int>(m_verifierLayers, static_cast<int>(m_path.size())); ++row) {
    const QRectF place = cell(row, m_path.at(row));
    const qreal radius = std::max(2.0, std::min(place.width(), place.height()) / 2 - 2);
    painter->setPen(QPen(m_pathColor, 2));
    painter->drawEllipse(place.center(), radius, radius);
  }
}

}  // namespace fovea::ui

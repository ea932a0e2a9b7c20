#include "ui/search_model.h"

#include "ui/relative_date.h"

namespace fovea::ui {
namespace {

QString markedHtml(const QString& excerpt) {
  QString html = excerpt.simplified().toHtmlEscaped();
  html.replace(QChar(app::SearchHit::kMarkBegin), QStringLiteral("<b>"));
  html.replace(QChar(app::SearchHit::kMarkEnd), QStringLiteral("</b>"));
  return html;
}

}  // namespace

SearchModel::SearchModel(app::StoreThread& store, QObject* parent)
    : QAbstractListModel(parent), m_store(store) {
  m_pause.setSingleShot(true);
  m_pause.setInterval(kPauseMs);
  connect(&m_pause, &QTimer::timeout, this, [this] { m_store.search(m_query); });
  connect(&store, &app::StoreThread::searched, this,
          [this](const QString& typed, const QList<app::SearchHit>& hits) {
            if (typed != m_query) return;
            m_settled = true;
            show(hits);
          });
}

int SearchModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : count();
}

QVariant SearchModel::data(const QModelIndex& index, int role) const {
  const app::SearchHit* hit = index.isValid() ? at(index.row()) : nullptr;
  if (hit == nullptr) return {};
  switch (role) {
    case TitleRole:
      return hit->title.isEmpty() ? tr("New chat") : hit->title;
    case ExcerptRole:
      return markedHtml(hit->excerpt);
    case WhenTextRole:
      return dateLabel(hit->when, QDateTime::currentDateTimeUtc());
    case IsTitleRole:
      return hit->messageId == 0;
    default:
      return {};
  }
}

QHash<int, QByteArray> SearchModel::roleNames() const {
  return {
      {TitleRole, "title"}, {ExcerptRole, "excerpt"}, {WhenTextRole, "whenText"}, {IsTitleRole, "isTitle"}};
}

const app::SearchHit* SearchModel::at(int row) const {
  return row >= 0 && row < count() ? &m_hits.at(row) : nullptr;
}

void SearchModel::setQuery(const QString& query) {
  if (query == m_query) return;
  m_query = query;
  m_settled = app::fullTextQuery(query).isEmpty();
  if (m_settled) {
    m_pause.stop();
    show({});
  } else {
    m_pause.start();
    emit resultsChanged();
  }
  emit queryChanged();
}

void SearchModel::show(const QList<app::SearchHit>& hits) {
  beginResetModel();
  m_hits = hits;
  endResetModel();
  emit resultsChanged();
}

}  // namespace fovea::ui

// What was typed into the search, and what the store found for it. Asks a moment after the last key, and
// forgets answers to what was typed before. GUI thread; the store outlives it.
//
// Roles: title (of the chat), excerpt (HTML, what was found is bold), whenText, isTitle.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QAbstractListModel>
#include <QTimer>

#include "app/store_thread.h"

namespace fovea::ui {

class SearchModel : public QAbstractListModel {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(QString query READ query WRITE setQuery NOTIFY queryChanged)
  Q_PROPERTY(int count READ count NOTIFY resultsChanged)
  /// The store has answered what is typed now.
  Q_PROPERTY(bool settled READ settled NOTIFY resultsChanged)

 public:
  enum Role { TitleRole = Qt::UserRole + 1, ExcerptRole, WhenTextRole, IsTitleRole };

  explicit SearchModel(app::StoreThread& store, QObject* parent = nullptr);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

  [[nodiscard]] QString query() const { return m_query; }
  void setQuery(const QString& query);
  [[nodiscard]] int count() const { return static_cast<int>(m_hits.size()); }
  [[nodiscard]] bool settled() const { return m_settled; }
  /// Null where there is no such row; valid until the model changes.
  [[nodiscard]] const app::SearchHit* at(int row) const;

  static constexpr int kPauseMs = 90;  // between the last key and the question to the store

 signals:
  void queryChanged();
  void resultsChanged();

 private:
  void show(const QList<app::SearchHit>& hits);

  app::StoreThread& m_store;
  QString m_query;
  QTimer m_pause;
  QList<app::SearchHit> m_hits;
  bool m_settled = true;
};

}  // namespace fovea::ui

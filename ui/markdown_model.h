// The blocks of one answer for QML: made by the delegate that shows the answer, gone with it. `source` sets
// the whole text, append() adds to its end; rows of finished blocks are never touched again. GUI thread.
//
// Roles: kind (enum Kind), content (HTML of prose, headings and quotes; the code of code), language (of
// code).
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QAbstractListModel>
#include <QString>

#include "ui/markdown_blocks.h"

namespace fovea::ui {

class MarkdownModel : public QAbstractListModel {
  Q_OBJECT
  QML_ELEMENT
  Q_PROPERTY(QString source READ source WRITE setSource NOTIFY sourceChanged)

 public:
  enum Role { KindRole = Qt::UserRole + 1, ContentRole, LanguageRole };
  /// As MarkdownBlock::Kind.
  enum class Kind { Prose, Heading, Quote, Code, Rule };
  Q_ENUM(Kind)

  explicit MarkdownModel(QObject* parent = nullptr) : QAbstractListModel(parent) {}

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QHash<int, QByteArray> roleNames() const override;

  [[nodiscard]] QString source() const { return m_source; }
  void setSource(const QString& source);
  /// Changes no more than the last blocks. `source` grows with it, unannounced: whoever set it knows.
  Q_INVOKABLE void append(const QString& text);

 signals:
  void sourceChanged();

 private:
  QString m_source;
  MarkdownBlocks m_markdown;
  QList<MarkdownBlock> m_shown;
};

}  // namespace fovea::ui

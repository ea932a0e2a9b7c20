#include "ui/markdown_model.h"

#include <algorithm>

#include "ui/markdown_html.h"

namespace fovea::ui {
namespace {

using Kind = MarkdownModel::Kind;

Kind kindOf(const MarkdownBlock& block) {
  switch (block.kind) {
    case MarkdownBlock::Kind::Prose:
      return Kind::Prose;
    case MarkdownBlock::Kind::Heading:
      return Kind::Heading;
    case MarkdownBlock::Kind::Quote:
      return Kind::Quote;
    case MarkdownBlock::Kind::Code:
      return Kind::Code;
    case MarkdownBlock::Kind::Rule:
      return Kind::Rule;
  }
  return Kind::Prose;
}

QString contentOf(const MarkdownBlock& block) {
  if (block.kind == MarkdownBlock::Kind::Rule) return {};
  return block.kind == MarkdownBlock::Kind::Code ? block.text : markdownToHtml(block.text);
}

}  // namespace

int MarkdownModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

QVariant MarkdownModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() < 0 || index.row() >= m_shown.size()) return {};
  const MarkdownBlock& block = m_shown.at(index.row());
  switch (role) {
    case KindRole:
      return QVariant::fromValue(kindOf(block));
    case ContentRole:
      return contentOf(block);
    case LanguageRole:
      return block.language;
    default:
      return {};
  }
}

QHash<int, QByteArray> MarkdownModel::roleNames() const {
  return {{KindRole, "kind"}, {ContentRole, "content"}, {LanguageRole, "language"}};
}

void MarkdownModel::setSource(const QString& source) {
  if (source == m_source) return;
  beginResetModel();
  m_source = source;
  m_markdown = {};
  m_markdown.append(source);
  m_shown = m_markdown.blocks();
  endResetModel();
  emit sourceChanged();
}

void MarkdownModel::append(const QString& text) {
  m_source += text;
  const qsizetype from = m_markdown.append(text);
  const QList<MarkdownBlock>& blocks = m_markdown.blocks();
  const qsizetype kept = std::min(blocks.size(), m_shown.size());
  for (qsizetype i = from; i < kept; ++i) {
    if (m_shown.at(i) == blocks.at(i)) continue;
    QList<int> roles{ContentRole};
    if (m_shown.at(i).kind != blocks.at(i).kind) roles << KindRole;
    if (m_shown.at(i).language != blocks.at(i).language) roles << LanguageRole;
    m_shown[i] = blocks.at(i);
    const QModelIndex changed = index(static_cast<int>(i));
    emit dataChanged(changed, changed, roles);
  }
  if (m_shown.size() > blocks.size()) {
    beginRemoveRows({}, static_cast<int>(kept), static_cast<int>(m_shown.size()) - 1);
    m_shown.resize(kept);
    endRemoveRows();
  } else if (m_shown.size() < blocks.size()) {
    beginInsertRows({}, static_cast<int>(kept), static_cast<int>(blocks.size()) - 1);
    m_shown.append(blocks.mid(kept));
    endInsertRows();
  }
}

}  // namespace fovea::ui

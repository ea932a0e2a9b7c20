#include "ui/conversation_list_model.h"

#include <algorithm>

#include "ui/relative_date.h"

namespace fovea::ui {
namespace {

int groupOf(const app::Conversation& conversation) {
  if (conversation.archived) return 2;
  return conversation.pinned ? 0 : 1;
}

bool standsAbove(const app::Conversation& a, const app::Conversation& b) {
  return groupOf(a) != groupOf(b) ? groupOf(a) < groupOf(b) : a.updatedAt > b.updatedAt;
}

}  // namespace

ConversationListModel::ConversationListModel(QObject* parent) : QAbstractListModel(parent) {}

int ConversationListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : count();
}

QVariant ConversationListModel::data(const QModelIndex& index, int role) const {
  const app::Conversation* conversation = index.isValid() ? at(index.row()) : nullptr;
  if (conversation == nullptr) return {};
  switch (role) {
    case Qt::DisplayRole:
    case TitleRole:
      return conversation->title.isEmpty() ? tr("New chat") : conversation->title;
    case UpdatedTextRole:
      return dateLabel(conversation->updatedAt, QDateTime::currentDateTimeUtc());
    case SectionRole:
      if (conversation->archived) return tr("Archived");
      if (conversation->pinned) return tr("Pinned");
      return dateSection(conversation->updatedAt, QDateTime::currentDateTimeUtc());
    case IsPinnedRole:
      return conversation->pinned;
    case IsArchivedRole:
      return conversation->archived;
    case IsCurrentRole:
      return conversation->id == m_currentId;
    case IsAnsweringRole:
      return conversation->id == m_answeringId;
    default:
      return {};
  }
}

QHash<int, QByteArray> ConversationListModel::roleNames() const {
  return {{TitleRole, "title"},          {UpdatedTextRole, "updatedText"}, {SectionRole, "section"},
          {IsCurrentRole, "isCurrent"},  {IsAnsweringRole, "isAnswering"}, {IsPinnedRole, "isPinned"},
          {IsArchivedRole, "isArchived"}};
}

int ConversationListModel::rowOf(app::RecordId id) const {
  const auto found = std::find_if(m_conversations.begin(), m_conversations.end(),
                                  [id](const app::Conversation& each) { return each.id == id; });
  return found == m_conversations.end() ? -1 : static_cast<int>(found - m_conversations.begin());
}

const app::Conversation* ConversationListModel::at(int row) const {
  return row >= 0 && row < count() ? &m_conversations.at(row) : nullptr;
}

const app::Conversation* ConversationListModel::find(app::RecordId id) const {
  return at(rowOf(id));
}

void ConversationListModel::reset(QList<app::Conversation> conversations) {
  std::stable_sort(conversations.begin(), conversations.end(), standsAbove);
  beginResetModel();
  m_conversations = std::move(conversations);
  endResetModel();
  emit countChanged();
  emit currentRowChanged();
}

int ConversationListModel::rowFor(const app::Conversation& conversation) const {
  const auto below =
      std::find_if(m_conversations.begin(), m_conversations.end(),
                   [&](const app::Conversation& each) { return !standsAbove(each, conversation); });
  return static_cast<int>(below - m_conversations.begin());
}

void ConversationListModel::insert(const app::Conversation& conversation) {
  const int row = rowFor(conversation);
  beginInsertRows({}, row, row);
  m_conversations.insert(row, conversation);
  endInsertRows();
  emit countChanged();
  emit currentRowChanged();
}

void ConversationListModel::remove(app::RecordId id) {
  const int row = rowOf(id);
  if (row < 0) return;
  beginRemoveRows({}, row, row);
  m_conversations.removeAt(row);
  endRemoveRows();
  emit countChanged();
  emit currentRowChanged();
}

void ConversationListModel::setTitle(app::RecordId id, const QString& title, bool manual) {
  const int row = rowOf(id);
  if (row < 0) return;
  m_conversations[row].title = title;
  m_conversations[row].titleIsManual = manual;
  changed(id, {TitleRole, Qt::DisplayRole});
}

void ConversationListModel::touch(app::RecordId id, app::RecordId headMessageId, const QDateTime& updatedAt) {
  const int row = rowOf(id);
  if (row < 0) return;
  m_conversations[row].headMessageId = headMessageId;
  m_conversations[row].updatedAt = updatedAt;
  // The row itself now carries `updatedAt`, so the search stops at it at the latest: it only ever moves up.
  const int target = rowFor(m_conversations.at(row));
  if (target < row && beginMoveRows({}, row, row, {}, target)) {
    m_conversations.move(row, target);
    endMoveRows();
    emit currentRowChanged();
  }
  changed(id, {UpdatedTextRole, SectionRole});
}

void ConversationListModel::setPlace(app::RecordId id, bool pinned, bool archived) {
  const int row = rowOf(id);
  if (row < 0) return;
  app::Conversation moved = m_conversations.at(row);
  moved.pinned = pinned;
  moved.archived = archived;
  remove(id);
  insert(moved);
}

void ConversationListModel::setSystemPrompt(app::RecordId id, const std::optional<QString>& prompt) {
  if (const int row = rowOf(id); row >= 0) m_conversations[row].systemPrompt = prompt;
}

void ConversationListModel::setHead(app::RecordId id, app::RecordId headMessageId) {
  if (const int row = rowOf(id); row >= 0) m_conversations[row].headMessageId = headMessageId;
}

void ConversationListModel::setCurrent(app::RecordId id) {
  if (id == m_currentId) return;
  const app::RecordId before = std::exchange(m_currentId, id);
  changed(before, {IsCurrentRole});
  changed(id, {IsCurrentRole});
  emit currentRowChanged();
}

void ConversationListModel::setAnswering(app::RecordId id) {
  if (id == m_answeringId) return;
  const app::RecordId before = std::exchange(m_answeringId, id);
  changed(before, {IsAnsweringRole});
  changed(id, {IsAnsweringRole});
}

void ConversationListModel::refreshDates() {
  if (m_conversations.isEmpty()) return;
  emit dataChanged(index(0), index(count() - 1), {UpdatedTextRole, SectionRole});
}

void ConversationListModel::changed(app::RecordId id, const QList<int>& roles) {
  const int row = rowOf(id);
  if (row >= 0) emit dataChanged(index(row), index(row), roles);
}

}  // namespace fovea::ui

#include "ui/message_list_model.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>

#include "ui/relative_date.h"

namespace fovea::ui {
namespace {

using Phase = MessageListModel::Phase;

Phase phaseOf(const app::Message& message) {
  switch (message.state) {
    case app::MessageState::Complete:
      return Phase::Complete;
    case app::MessageState::Streaming:
      return message.text.isEmpty() ? Phase::Pending : Phase::Streaming;
    case app::MessageState::Stopped:
      return Phase::Stopped;
    case app::MessageState::Interrupted:
      return Phase::Interrupted;
    case app::MessageState::Failed:
      return Phase::Failed;
  }
  return Phase::Complete;
}

QString phaseWords(const app::Message& message) {
  switch (message.state) {
    case app::MessageState::Stopped:
      return message.text.isEmpty() ? MessageListModel::tr("You stopped this before the first word.")
                                    : MessageListModel::tr("You stopped this answer.");
    case app::MessageState::Interrupted:
      return message.text.isEmpty()
                 ? MessageListModel::tr("Fovea was closed before this was answered.")
                 : MessageListModel::tr(
                       "Fovea was closed while this was being written. The rest is missing.");
    case app::MessageState::Failed:
      return message.error.isEmpty() ? MessageListModel::tr("This could not be answered.") : message.error;
    case app::MessageState::Complete:
      if (message.role == Role::kAssistant && message.text.isEmpty()) {
        return MessageListModel::tr("The model had nothing to say.");
      }
      if (message.cutAtLimit) return MessageListModel::tr("This answer reached its limit of length.");
      return {};
    case app::MessageState::Streaming:
      return {};
  }
  return {};
}

bool canContinue(const app::Message& message) {
  const bool endedEarly = message.cutAtLimit || message.state == app::MessageState::Stopped ||
                          message.state == app::MessageState::Interrupted;
  return message.role == Role::kAssistant && endedEarly && !message.text.isEmpty();
}

QString figuresWords(const app::Message& message) {
  if (!message.statistics || message.statistics->generated_tokens == 0) return {};
  const TurnStatistics& statistics = *message.statistics;
  const QLocale locale;
  QStringList words;
  words << (statistics.generated_tokens == 1
                ? MessageListModel::tr("1 token")
                : MessageListModel::tr("%n tokens", "", statistics.generated_tokens));
  if (statistics.tokens_per_second() > 0) {
    words << MessageListModel::tr("%1 tokens/s").arg(locale.toString(statistics.tokens_per_second(), 'f', 1));
  }
  if (statistics.time_to_first_token_seconds > 0) {
    words << MessageListModel::tr("first after %1 s")
                 .arg(locale.toString(statistics.time_to_first_token_seconds, 'f', 2));
  }
  if (statistics.proposed > 0) {
    words << MessageListModel::tr("%1% of drafts accepted").arg(qRound(statistics.acceptance_rate() * 100));
  }
  if (!message.modelName.isEmpty()) words << message.modelName;
  return words.join(QStringLiteral(" \u00b7 "));
}

}  // namespace

QString droppedWords(int droppedMessages) {
  if (droppedMessages <= 0) return {};
  if (droppedMessages == 1) {
    return MessageListModel::tr("The oldest message no longer fits and was left out.");
  }
  return MessageListModel::tr("The oldest %n messages no longer fit and were left out.", "", droppedMessages);
}

MessageListModel::MessageListModel(QObject* parent) : QAbstractListModel(parent) {}

int MessageListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : count();
}

QVariant MessageListModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() < 0 || index.row() >= count()) return {};
  const app::Message& message = m_messages.at(index.row());
  switch (role) {
    case IsUserRole:
      return message.role == fovea::Role::kUser;
    case Qt::DisplayRole:
    case TextRole:
      return message.text;
    case PhaseRole:
      return QVariant::fromValue(phaseOf(message));
    case PhaseTextRole:
      return phaseWords(message);
    case DroppedTextRole:
      return droppedWords(message.droppedMessages);
    case FiguresTextRole:
      return figuresWords(message);
    case TimeTextRole:
      return timeLabel(message.createdAt, QDateTime::currentDateTimeUtc());
    case ModelNameRole:
      return message.modelName;
    case VersionRole:
      return m_forks.at(index.row()).version;
    case VersionCountRole:
      return m_forks.at(index.row()).count;
    case CanContinueRole:
      return canContinue(message);
    default:
      return {};
  }
}

QHash<int, QByteArray> MessageListModel::roleNames() const {
  return {{IsUserRole, "isUser"},
          {TextRole, "text"},
          {PhaseRole, "phase"},
          {PhaseTextRole, "phaseText"},
          {DroppedTextRole, "droppedText"},
          {FiguresTextRole, "figuresText"},
          {TimeTextRole, "timeText"},
          {ModelNameRole, "modelName"},
          {VersionRole, "version"},
          {VersionCountRole, "versionCount"},
          {CanContinueRole, "canContinue"}};
}

QString MessageListModel::textAt(int row) const {
  return row >= 0 && row < count() ? m_messages.at(row).text : QString();
}

void MessageListModel::clear(bool loading) {
  beginResetModel();
  m_messages.clear();
  m_forks.clear();
  m_tree = {};
  endResetModel();
  emit countChanged();
  setLoading(loading);
}

void MessageListModel::reset(const QList<app::Message>& tree, app::RecordId headId) {
  beginResetModel();
  m_tree = app::MessageTree(tree);
  m_messages = m_tree.branch(headId);
  m_forks = QList<Fork>(m_messages.size());
  endResetModel();
  refreshForks();
  emit countChanged();
  setLoading(false);
}

void MessageListModel::showBranch(app::RecordId headId) {
  const QList<app::Message> wanted = headId == 0 ? QList<app::Message>() : m_tree.branch(headId);
  const auto differs =
      std::mismatch(m_messages.cbegin(), m_messages.cend(), wanted.cbegin(), wanted.cend(),
                    [](const app::Message& a, const app::Message& b) { return a.id == b.id; });
  const int kept = static_cast<int>(differs.first - m_messages.cbegin());
  if (kept < count()) {
    beginRemoveRows({}, kept, count() - 1);
    m_messages.resize(kept);
    m_forks.resize(kept);
    endRemoveRows();
  }
  if (kept < wanted.size()) {
    beginInsertRows({}, kept, static_cast<int>(wanted.size()) - 1);
    m_messages.append(wanted.mid(kept));
    m_forks.resize(m_messages.size());
    endInsertRows();
  }
  refreshForks();
  emit countChanged();
}

void MessageListModel::append(const app::Message& message) {
  m_tree.set(message);
  showBranch(message.id);
}

void MessageListModel::remove(app::RecordId id, app::RecordId headId) {
  m_tree.remove(id);
  showBranch(headId);
}

void MessageListModel::refreshForks() {
  for (int row = 0; row < count(); ++row) {
    const QList<app::RecordId> versions = m_tree.versions(m_messages.at(row).id);
    const Fork fork{static_cast<int>(versions.indexOf(m_messages.at(row).id)) + 1,
                    static_cast<int>(versions.size())};
    if (m_forks.at(row) == fork) continue;
    m_forks[row] = fork;
    emit dataChanged(index(row), index(row), {VersionRole, VersionCountRole});
  }
}

void MessageListModel::appendText(app::RecordId id, const QString& text) {
  const int row = rowOf(id);
  if (row < 0 || text.isEmpty()) return;
  app::Message& message = m_messages[row];
  const bool first = message.text.isEmpty();
  message.text += text;
  emit textAppended(row, text);
  if (first) emit dataChanged(index(row), index(row), {PhaseRole});
}

void MessageListModel::update(const app::Message& message) {
  if (m_tree.find(message.id) != nullptr) m_tree.set(message);
  const int row = rowOf(message.id);
  if (row < 0) return;
  QList<int> roles{PhaseRole,       PhaseTextRole, DroppedTextRole,
                   FiguresTextRole, ModelNameRole, CanContinueRole};
  const QString& shown = m_messages.at(row).text;
  if (message.text != shown) {
    // The usual difference is a last piece that finished() brought before the next wake-up did.
    if (message.text.startsWith(shown)) {
      emit textAppended(row, message.text.mid(shown.size()));
    } else {
      roles << TextRole;
    }
  }
  m_messages[row] = message;
  emit dataChanged(index(row), index(row), roles);
}

int MessageListModel::rowOf(app::RecordId id) const {
  // The message that changes is nearly always the last one.
  for (int row = count() - 1; row >= 0; --row) {
    if (m_messages.at(row).id == id) return row;
  }
  return -1;
}

void MessageListModel::setLoading(bool loading) {
  if (loading == m_loading) return;
  m_loading = loading;
  emit loadingChanged();
}

}  // namespace fovea::ui

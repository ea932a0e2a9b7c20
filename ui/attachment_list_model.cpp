#include "ui/attachment_list_model.h"

#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QStringDecoder>
#include <algorithm>
#include <utility>

#include "ui/pdf_text.h"

namespace fovea::ui {
namespace {

constexpr qint64 kBytesMax = 1024 * 1024;

Error refusal(const QString& path, const QString& why, const char* remedy) {
  return {ErrorCode::kUnsupported,
          QStringLiteral("%1 %2.").arg(QFileInfo(path).fileName(), why).toStdString(), remedy};
}

}  // namespace

Result<QString> readAttachment(const QString& path) {
  if (path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive)) {
    Result<QString> text = pdfText(path);
    if (text && text->size() > kBytesMax)
      return refusal(path, QStringLiteral("holds more than a million characters"), "Attach a part of it.");
    return text;
  }
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) {
    return refusal(path, QStringLiteral("cannot be read: ") + file.errorString(), "Choose another file.");
  }
  const QByteArray bytes = file.read(kBytesMax + 1);
  if (bytes.size() > kBytesMax) {
    return refusal(path, QStringLiteral("is larger than 1 MiB"), "Attach a part of it.");
  }
  QStringDecoder decoder(QStringDecoder::Utf8);
  QString text = decoder(bytes);
  if (decoder.hasError() || bytes.contains('\0')) {
    return refusal(path, QStringLiteral("is no text in UTF-8"),
                   "Attach a text, Markdown, source or PDF file.");
  }
  text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
  return text;
}

QString withAttachment(const QString& question, const QString& name, const QString& text) {
  // A fence longer than any in the text.
  QString fence = QStringLiteral("```");
  while (text.contains(fence)) fence += u'`';
  const QString body = text.endsWith(u'\n') ? text : text + u'\n';
  return QStringLiteral("%1\n\n%2:\n%3%4\n%5%3")
      .arg(question, name, fence, QFileInfo(name).suffix(), body)
      .trimmed();
}

AttachmentListModel::AttachmentListModel(app::GenerationWorker& worker, QObject* parent)
    : QAbstractListModel(parent), m_worker(worker) {
  connect(&worker, &app::GenerationWorker::tokensCounted, this, [this](const QString& text, int tokens) {
    for (int row = 0; row < count(); ++row) {
      if (m_attachments.at(row).text != text) continue;
      m_attachments[row].tokens = tokens;
      emit dataChanged(index(row), index(row), {SizeTextRole});
    }
  });
}

int AttachmentListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : count();
}

QVariant AttachmentListModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() < 0 || index.row() >= count()) return {};
  const Attachment& attachment = m_attachments.at(index.row());
  if (role == NameRole) return attachment.name;
  if (role != SizeTextRole || attachment.tokens < 0) return {};
  return attachment.tokens == 1 ? tr("1 token") : tr("%1 tokens").arg(QLocale().toString(attachment.tokens));
}

QHash<int, QByteArray> AttachmentListModel::roleNames() const {
  return {{NameRole, "name"}, {SizeTextRole, "sizeText"}};
}

void AttachmentListModel::attach(const QUrl& file) {
  const QString path = file.toLocalFile();
  m_reader.post([this, path] {
    const Result<QString> text = readAttachment(path);
    if (!text) {
      m_mailbox.post([this, error = text.error()] {
        emit failed(QString::fromStdString(error.message + " " + error.remedy));
      });
      return;
    }
    m_mailbox.post(
        [this, attachment = Attachment{QFileInfo(path).fileName(), text.value(), -1}] { add(attachment); });
  });
}

void AttachmentListModel::add(const Attachment& attachment) {
  beginInsertRows({}, count(), count());
  m_attachments.append(attachment);
  endInsertRows();
  emit countChanged();
  m_worker.countTokens(attachment.text);
}

void AttachmentListModel::remove(int row) {
  if (row < 0 || row >= count()) return;
  beginRemoveRows({}, row, row);
  m_attachments.removeAt(row);
  endRemoveRows();
  emit countChanged();
}

QString AttachmentListModel::takeInto(const QString& question) {
  beginResetModel();
  const QList<Attachment> taken = std::exchange(m_attachments, {});
  endResetModel();
  if (!taken.isEmpty()) emit countChanged();
  QString text = question;
  for (const Attachment& each : taken) text = withAttachment(text, each.name, each.text);
  return text;
}

}  // namespace fovea::ui

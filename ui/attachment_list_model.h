// Texts and PDF files that go with the next question: read on a thread of their own, counted by the model's
// tokenizer. GUI thread; the worker outlives it.
//
// Roles: name, sizeText ("412 tokens"; empty until it is counted).
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QAbstractListModel>
#include <QUrl>

#include "app/generation_worker.h"
#include "app/mailbox.h"
#include "app/task_thread.h"
#include "engine/result.h"

namespace fovea::ui {

/// A file of at most 1 MiB of UTF-8 text, or the text of a PDF file, as much at most. Any thread; blocks on
/// the disk.
[[nodiscard]] Result<QString> readAttachment(const QString& path);

/// `question`, and below it the text as a block of code with its name.
[[nodiscard]] QString withAttachment(const QString& question, const QString& name, const QString& text);

class AttachmentListModel : public QAbstractListModel {
  Q_OBJECT
  QML_ELEMENT
  QML_UNCREATABLE("Made by ChatController")
  Q_PROPERTY(int count READ count NOTIFY countChanged)

 public:
  enum Role { NameRole = Qt::UserRole + 1, SizeTextRole };

  explicit AttachmentListModel(app::GenerationWorker& worker, QObject* parent = nullptr);

  [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
  [[nodiscard]] QHash<int, QByteArray> roleNames() const override;
  [[nodiscard]] int count() const { return static_cast<int>(m_attachments.size()); }

  /// It appears once it is read; failed() says why it is not.
  Q_INVOKABLE void attach(const QUrl& file);
  Q_INVOKABLE void remove(int row);
  /// `question` with all of them; the list is empty afterwards.
  [[nodiscard]] QString takeInto(const QString& question);

 signals:
  void countChanged();
  void failed(const QString& message);

 private:
  struct Attachment {
    QString name;
    QString text;
    int tokens = -1;
  };
  void add(const Attachment& attachment);

  app::GenerationWorker& m_worker;
  QList<Attachment> m_attachments;
  app::Mailbox m_mailbox;
  app::TaskThread m_reader;  // last: joined before anything it uses goes
};

}  // namespace fovea::ui

// What the Qt Quick tests see of C++: a whole set of parts behind a window, made anew for each test, and
// handles to script the engine. Exposed to QML as `harness`.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QTemporaryDir>
#include <QUrl>
#include <memory>

#include "tests/ui/support/sample_chats.h"
#include "tests/ui/support/window_fixture.h"
#include "ui/qml_module.h"

class Harness : public QObject {
  Q_OBJECT
  Q_PROPERTY(fovea::ui::ChatController* chat READ chat NOTIFY chatChanged)

 public:
  [[nodiscard]] fovea::ui::ChatController* chat() const { return m_parts ? &m_parts->chat : nullptr; }

  /// A new database with this many chats of one question each, and a started window over it.
  Q_INVOKABLE void begin(int chats, int longChatTurns = 0) {
    end();
    m_folder = std::make_unique<QTemporaryDir>();
    fovea::test::writeSampleChats(database(), {.shortChats = chats, .longChatTurns = longChatTurns});
    restart();
  }
  /// As if the program were closed and started again.
  Q_INVOKABLE void restart() {
    end();
    m_parts = std::make_unique<fovea::test::WindowFixture>(m_settings, database());
    emit chatChanged();
    m_parts->chat.start();
  }
  Q_INVOKABLE void end() {
    if (m_parts) m_parts->script.holdLoad(false);
    m_parts.reset();
    emit chatChanged();
  }
  Q_INVOKABLE void pieces(const QStringList& pieces) {
    std::vector<std::string> words;
    for (const QString& piece : pieces) words.push_back(piece.toStdString());
    m_parts->script.setPieces(std::move(words));
  }
  Q_INVOKABLE void allow(int pieces) { m_parts->script.allow(pieces); }
  Q_INVOKABLE QString lastMode() const {
    const std::string_view mode = to_string(m_parts->script.lastOptions().mode);
    return QString::fromLatin1(mode.data(), static_cast<qsizetype>(mode.size()));
  }
  Q_INVOKABLE double lastAttentionTopP() const {
    return static_cast<double>(m_parts->script.lastOptions().sparsity.attention_top_p);
  }
  Q_INVOKABLE int loads() const { return m_parts->script.loads(); }
  Q_INVOKABLE int lastContext() const { return m_parts->script.lastLoad().context_tokens; }
  Q_INVOKABLE void holdLoad(bool hold) { m_parts->script.holdLoad(hold); }
  Q_INVOKABLE void holdReplay(bool hold) { m_parts->script.holdReplay(hold); }
  Q_INVOKABLE void failLoads(const QString& message, const QString& remedy) {
    m_parts->script.setLoadError(
        fovea::Error{fovea::ErrorCode::kOutOfMemory, message.toStdString(), remedy.toStdString()});
  }
  /// A file in the folder of this test, and how many lines it has.
  Q_INVOKABLE QUrl fileUrl(const QString& name) const {
    return QUrl::fromLocalFile(m_folder->filePath(name));
  }
  Q_INVOKABLE int lines(const QString& name) const;
  /// The first half of the embedded draft's file.
  Q_INVOKABLE QString truncatedModel() const;
  Q_INVOKABLE QString clipboard() const;
  Q_INVOKABLE void setClipboard(const QString& text) const;

  Q_SLOT void qmlEngineAvailable(QQmlEngine* engine);

 signals:
  void chatChanged();

 private:
  [[nodiscard]] QString database() const { return m_folder->filePath(QStringLiteral("chats.db")); }

  std::unique_ptr<QTemporaryDir> m_folder;
  fovea::app::Settings m_settings;
  std::unique_ptr<fovea::test::WindowFixture> m_parts;
};

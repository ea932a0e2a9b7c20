// The answer that the insights show as text in a document, each token marked by what is asked of it: how much
// of it was read, who proposed it, or whether the verifier alone draws it too. Made in QML beside the text
// that it marks, which it fills and colours; GUI thread.
//
// Kinds: Reads shows the whole context and marks what the answer read of it; once a token of the answer is
// chosen, what the pass read that wrote it. Draft and Check show the answer alone.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QColor>
#include <QObject>
#include <QPointer>
#include <QQuickTextDocument>
#include <QString>
#include <vector>

#include "app/token_origins.h"
#include "app/trace_text.h"
#include "ui/answer_check.h"
#include "ui/insights_view_model.h"

namespace fovea::ui {

/// How a token is marked: its share of reads in `level` (0 .. kLevels), and what it is.
struct TokenMark {
  enum class Kind : std::uint8_t { Plain, Muted, Drafted, Refused };
  static constexpr int kLevels = 32;

  std::uint8_t level = 0;
  Kind kind = Kind::Plain;
  bool underlined = false;
  bool chosen = false;
  bool operator==(const TokenMark&) const = default;
};

class TokenMarks : public QObject {
  Q_OBJECT
  QML_ELEMENT
  Q_PROPERTY(fovea::ui::InsightsViewModel* insights MEMBER m_insights WRITE setInsights NOTIFY sourceChanged)
  Q_PROPERTY(fovea::ui::AnswerCheck* check MEMBER m_check WRITE setCheck NOTIFY sourceChanged)
  Q_PROPERTY(QQuickTextDocument* document MEMBER m_document WRITE setDocument NOTIFY sourceChanged)
  Q_PROPERTY(Kind kind READ kind WRITE setKind NOTIFY sourceChanged)
  Q_PROPERTY(int layer READ layer WRITE setLayer NOTIFY sourceChanged)
  Q_PROPERTY(int chosen READ chosen WRITE choose NOTIFY chosenChanged)
  Q_PROPERTY(QString words READ words NOTIFY wordsChanged)
  Q_PROPERTY(int count READ count NOTIFY wordsChanged)
  Q_PROPERTY(int firstOfAnswer READ firstOfAnswer NOTIFY wordsChanged)
  Q_PROPERTY(int layers READ layers NOTIFY wordsChanged)
  Q_PROPERTY(int marked READ marked NOTIFY wordsChanged)
  Q_PROPERTY(QColor readColor MEMBER m_readColor NOTIFY styleChanged)
  Q_PROPERTY(QColor refusedColor MEMBER m_refusedColor NOTIFY styleChanged)
  Q_PROPERTY(QColor mutedColor MEMBER m_mutedColor NOTIFY styleChanged)
  Q_PROPERTY(QColor chosenColor MEMBER m_chosenColor NOTIFY styleChanged)
  Q_PROPERTY(QColor chosenTextColor MEMBER m_chosenTextColor NOTIFY styleChanged)

 public:
  enum class Kind { Reads, Draft, Check };
  Q_ENUM(Kind)

  explicit TokenMarks(QObject* parent = nullptr);
  ~TokenMarks() override;

  void setInsights(InsightsViewModel* insights);
  void setCheck(AnswerCheck* check);
  void setDocument(QQuickTextDocument* document);
  [[nodiscard]] Kind kind() const { return m_kind; }
  void setKind(Kind kind);
  /// Of kind Reads, while no token is chosen; -1: all together.
  [[nodiscard]] int layer() const { return m_layer; }
  void setLayer(int layer);

  // Tokens count from the first that is shown.
  /// The token that everything is about; -1: none.
  [[nodiscard]] int chosen() const { return m_chosen; }
  void choose(int token);
  [[nodiscard]] int count() const { return static_cast<int>(m_marks.size()); }
  [[nodiscard]] int firstOfAnswer() const { return static_cast<int>(m_text.promptTokens - firstShown()); }
  [[nodiscard]] int layers() const;
  /// How many tokens stand in the place of a refused one, or differ.
  [[nodiscard]] int marked() const;
  /// Of the chosen token, else of all.
  [[nodiscard]] QString words() const;
  Q_INVOKABLE [[nodiscard]] QString describe(int token) const;
  /// -1 behind the end.
  Q_INVOKABLE [[nodiscard]] int tokenAt(int character) const;
  /// Of the document.
  Q_INVOKABLE [[nodiscard]] int characterOf(int token) const;
  /// The token with characters before or after (`step` -1 or 1) another one, or that one where there is none.
  Q_INVOKABLE [[nodiscard]] int neighbour(int token, int step) const;
  /// The next one that stands in the place of a refused token or differs; -1 without.
  Q_INVOKABLE [[nodiscard]] int nextMarked(int token, int step) const;

  [[nodiscard]] const std::vector<TokenMark>& marks() const { return m_marks; }

 signals:
  void sourceChanged();
  void styleChanged();
  void chosenChanged();
  void wordsChanged();

 private:
  class Lines;  // the part that Qt asks line by line

  void refresh();
  void mark();
  void markReads();
  void markDraft();
  void markCheck();
  void fill();
  void repaint(const std::vector<TokenMark>& before);
  [[nodiscard]] std::size_t firstShown() const { return m_kind == Kind::Reads ? 0 : m_text.promptTokens; }
  [[nodiscard]] QString shownText() const;
  [[nodiscard]] QString quoted(std::size_t token) const;  // of m_text
  [[nodiscard]] QString describeRead(std::size_t token) const;
  [[nodiscard]] QString describeOrigin(std::size_t place) const;
  [[nodiscard]] QString describeRefusal(const Refusal& refusal, std::size_t place,
                                        const QString& instead) const;
  [[nodiscard]] QString describeCheck(std::size_t place) const;
  [[nodiscard]] QString overview() const;
  [[nodiscard]] bool readsEverything() const;

  QPointer<InsightsViewModel> m_insights;
  QPointer<AnswerCheck> m_check;
  QPointer<QQuickTextDocument> m_document;
  QPointer<Lines> m_lines;  // a child of the document
  Kind m_kind = Kind::Reads;
  int m_layer = -1;
  int m_chosen = -1;
  app::RecordId m_answerId = 0;
  app::TraceText m_text;  // of the whole context
  QString m_filled;       // what the document holds of it
  app::AnswerOrigins m_origins;
  std::vector<TokenMark> m_marks;  // [token shown]
  QColor m_readColor;
  QColor m_refusedColor;
  QColor m_mutedColor;
  QColor m_chosenColor;
  QColor m_chosenTextColor;
};

}  // namespace fovea::ui

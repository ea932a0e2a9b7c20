#include "ui/token_marks.h"

#include <QSyntaxHighlighter>
#include <QTextBlock>
#include <QTextCursor>
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/trace_reads.h"

namespace fovea::ui {

class TokenMarks::Lines : public QSyntaxHighlighter {
 public:
  Lines(QTextDocument* document, const TokenMarks& marks) : QSyntaxHighlighter(document), m_tokens(marks) {}

 protected:
  void highlightBlock(const QString& text) override {
    const int begin = currentBlock().position();
    const int end = begin + static_cast<int>(text.size());
    for (int token = m_tokens.tokenAt(begin); token >= 0 && token < m_tokens.count(); ++token) {
      const int from = m_tokens.characterOf(token);
      if (from >= end) return;
      const TokenMark mark = m_tokens.m_marks[static_cast<std::size_t>(token)];
      if (mark == TokenMark{}) continue;
      const int start = std::max(from, begin);
      setFormat(start - begin, std::min(m_tokens.characterOf(token + 1), end) - start, format(mark));
    }
  }

 private:
  [[nodiscard]] QTextCharFormat format(const TokenMark& mark) const {
    QTextCharFormat format;
    // Half of the colour at most, so that text keeps its contrast on it.
    const auto shade = [](QColor color, double share) {
      color.setAlphaF(static_cast<float>(0.5 * share));
      return color;
    };
    if (mark.level > 0) {
      format.setBackground(shade(m_tokens.m_readColor, static_cast<double>(mark.level) / TokenMark::kLevels));
    }
    if (mark.underlined) format.setFontUnderline(true);
    switch (mark.kind) {
      case TokenMark::Kind::Plain:
        break;
      case TokenMark::Kind::Muted:
        format.setForeground(m_tokens.m_mutedColor);
        break;
      case TokenMark::Kind::Drafted:
        format.setBackground(shade(m_tokens.m_readColor, 0.45));
        break;
      case TokenMark::Kind::Refused:
        format.setBackground(shade(m_tokens.m_refusedColor, 0.9));
        format.setFontWeight(QFont::DemiBold);
        break;
    }
    if (mark.chosen) {
      format.setBackground(m_tokens.m_chosenColor);
      format.setForeground(m_tokens.m_chosenTextColor);
    }
    return format;
  }

  const TokenMarks& m_tokens;
};

TokenMarks::TokenMarks(QObject* parent) : QObject(parent) {
  connect(this, &TokenMarks::styleChanged, this, [this] {
    if (m_lines) m_lines->rehighlight();
  });
}

TokenMarks::~TokenMarks() {
  delete m_lines;
}

void TokenMarks::setInsights(InsightsViewModel* insights) {
  if (insights == m_insights) return;
  if (m_insights) disconnect(m_insights, nullptr, this, nullptr);
  m_insights = insights;
  if (insights != nullptr) connect(insights, &InsightsViewModel::traceChanged, this, &TokenMarks::refresh);
  emit sourceChanged();
  refresh();
}

void TokenMarks::setCheck(AnswerCheck* check) {
  if (check == m_check) return;
  if (m_check) disconnect(m_check, nullptr, this, nullptr);
  m_check = check;
  if (check != nullptr) connect(check, &AnswerCheck::outcomeChanged, this, &TokenMarks::refresh);
  emit sourceChanged();
  refresh();
}

void TokenMarks::setDocument(QQuickTextDocument* document) {
  if (document == m_document) return;
  delete m_lines;
  m_document = document;
  if (document != nullptr) {
    document->textDocument()->setUndoRedoEnabled(false);
    m_lines = new Lines(document->textDocument(), *this);
    m_filled.clear();
    fill();
  }
  emit sourceChanged();
}

void TokenMarks::setKind(Kind kind) {
  if (kind == m_kind) return;
  m_kind = kind;
  if (std::exchange(m_chosen, -1) != -1) emit chosenChanged();
  emit sourceChanged();
  refresh();
}

void TokenMarks::setLayer(int layer) {
  if (layer == m_layer) return;
  m_layer = layer;
  emit sourceChanged();
  if (!m_marks.empty()) mark();
}

void TokenMarks::choose(int token) {
  const int wanted = token >= 0 && token < count() ? token : -1;
  if (wanted == m_chosen) return;
  m_chosen = wanted;
  emit chosenChanged();
  mark();
}

int TokenMarks::layers() const {
  return m_insights ? static_cast<int>(m_insights->trace().reads.layers()) : 0;
}

int TokenMarks::marked() const {
  return static_cast<int>(std::count_if(m_marks.begin(), m_marks.end(), [](const TokenMark& mark) {
    return mark.kind == TokenMark::Kind::Refused;
  }));
}

QString TokenMarks::shownText() const {
  return m_text.text.mid(firstShown() < m_text.tokens() ? m_text.begin(firstShown())
                                                        : static_cast<int>(m_text.text.size()));
}

int TokenMarks::tokenAt(int character) const {
  if (character < 0 || m_marks.empty()) return -1;
  const std::size_t token = m_text.tokenAt(character + m_text.begin(firstShown()));
  return token < m_text.tokens() ? static_cast<int>(token - firstShown()) : -1;
}

int TokenMarks::characterOf(int token) const {
  if (m_marks.empty() || token < 0) return 0;
  const std::size_t at = std::min(static_cast<std::size_t>(token) + firstShown(), m_text.tokens());
  return m_text.begin(at) - m_text.begin(firstShown());
}

int TokenMarks::neighbour(int token, int step) const {
  for (int at = token + step; at >= 0 && at < count(); at += step)
    if (characterOf(at + 1) > characterOf(at)) return at;
  return token;
}

int TokenMarks::nextMarked(int token, int step) const {
  for (int at = token + step; at >= 0 && at < count(); at += step)
    if (m_marks[static_cast<std::size_t>(at)].kind == TokenMark::Kind::Refused) return at;
  return -1;
}

// Reads the trace again.
void TokenMarks::refresh() {
  if (!m_insights) return;
  if (m_answerId != m_insights->answerId()) {
    m_answerId = m_insights->answerId();
    if (std::exchange(m_chosen, -1) != -1) emit chosenChanged();
  }
  m_text = app::traceText(m_insights->trace());
  m_origins = app::answerOrigins(m_insights->trace());
  mark();
}

void TokenMarks::mark() {
  const std::vector<TokenMark> marksBefore = std::move(m_marks);
  m_marks.assign(m_text.tokens() - firstShown(), TokenMark{});
  if (m_chosen >= count()) m_chosen = -1;
  switch (m_kind) {
    case Kind::Reads:
      markReads();
      break;
    case Kind::Draft:
      markDraft();
      break;
    case Kind::Check:
      markCheck();
      break;
  }
  if (m_chosen >= 0) m_marks[static_cast<std::size_t>(m_chosen)].chosen = true;
  fill();
  repaint(marksBefore);
  emit wordsChanged();
}

void TokenMarks::markReads() {
  const app::TurnTrace& trace = m_insights->trace();
  const int place = m_chosen - firstOfAnswer();
  const bool ofToken = place >= 0 && static_cast<std::size_t>(place) < m_origins.tokens.size();
  const std::vector<float> shares =
      ofToken        ? app::stepShares(trace, m_origins.tokens[static_cast<std::size_t>(place)].step)
      : m_layer >= 0 ? app::answerShares(trace, static_cast<std::size_t>(m_layer))
                     : app::answerShares(trace, std::nullopt);
  for (std::size_t token = 0; token < m_marks.size(); ++token) {
    const std::size_t bucket = token / ReadMap::kBucketPositions;
    const float share = bucket < shares.size() && std::isfinite(shares[bucket]) ? shares[bucket] : 0.0F;
    m_marks[token].level =
        static_cast<std::uint8_t>(std::lround(std::clamp(share, 0.0F, 1.0F) * TokenMark::kLevels));
    // Tokens of one pass read the same.
    if (!ofToken || token < m_text.promptTokens) continue;
    m_marks[token].underlined = m_origins.tokens[token - m_text.promptTokens].step ==
                                m_origins.tokens[static_cast<std::size_t>(place)].step;
  }
}

void TokenMarks::markDraft() {
  for (std::size_t place = 0; place < std::min(m_marks.size(), m_origins.tokens.size()); ++place) {
    const app::TokenOrigin& origin = m_origins.tokens[place];
    m_marks[place].kind = origin.refusal   ? TokenMark::Kind::Refused
                          : origin.drafted ? TokenMark::Kind::Drafted
                                           : TokenMark::Kind::Plain;
  }
}

void TokenMarks::markCheck() {
  const app::ReplayOutcome* outcome = m_check ? m_check->outcome() : nullptr;
  for (std::size_t place = 0; place < m_marks.size(); ++place) {
    if (outcome == nullptr || place >= outcome->replay.tokens.size()) {
      m_marks[place].kind = TokenMark::Kind::Muted;
    } else if (m_check->differsAt(place)) {
      m_marks[place].kind = TokenMark::Kind::Refused;
    }
  }
}

// A text that grows is added to, so that what is there is neither laid out nor coloured again.
void TokenMarks::fill() {
  if (!m_document) return;
  const QString text = shownText();
  if (text == m_filled) return;
  QTextDocument* document = m_document->textDocument();
  if (!m_filled.isEmpty() && text.startsWith(m_filled)) {
    QTextCursor end(document);
    end.movePosition(QTextCursor::End);
    end.insertText(text.mid(m_filled.size()));
  } else {
    document->setPlainText(text);
  }
  m_filled = text;
}

void TokenMarks::repaint(const std::vector<TokenMark>& before) {
  if (!m_lines) return;
  QTextBlock last;
  for (std::size_t token = 0; token < std::min(before.size(), m_marks.size()); ++token) {
    if (m_marks[token] == before[token]) continue;
    QTextBlock block = m_lines->document()->findBlock(characterOf(static_cast<int>(token)));
    const QTextBlock end = m_lines->document()->findBlock(characterOf(static_cast<int>(token) + 1));
    for (; block.isValid() && block.position() <= end.position(); block = block.next()) {
      if (block == last) continue;
      m_lines->rehighlightBlock(block);
      last = block;
    }
  }
}

}  // namespace fovea::ui

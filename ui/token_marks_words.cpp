// What TokenMarks says of a token, and of all of them.
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "app/trace_reads.h"
#include "ui/figure_text.h"
#include "ui/token_marks.h"
#include "ui/token_quote.h"

namespace fovea::ui {
namespace {

double shareRead(const StepTelemetry& step, std::size_t layers) {
  const double dense = static_cast<double>(step.context_tokens * layers);
  return dense > 0 ? static_cast<double>(step.kv_entries_read) / dense : 1.0;
}

}  // namespace

QString TokenMarks::quoted(std::size_t token) const {
  return quotedToken(m_text.at(token));
}

QString TokenMarks::words() const {
  return m_chosen >= 0 ? describe(m_chosen) : overview();
}

QString TokenMarks::describe(int token) const {
  if (token < 0 || token >= count()) return {};
  const std::size_t at = static_cast<std::size_t>(token) + firstShown();
  switch (m_kind) {
    case Kind::Reads:
      return describeRead(at);
    case Kind::Draft:
      return describeOrigin(at - m_text.promptTokens);
    case Kind::Check:
      return describeCheck(at - m_text.promptTokens);
  }
  return {};
}

QString TokenMarks::describeRead(std::size_t token) const {
  const app::TurnTrace& trace = m_insights->trace();
  const QLocale locale;
  if (token < m_text.promptTokens) {
    const std::optional<std::size_t> layer =
        m_layer >= 0 ? std::optional(static_cast<std::size_t>(m_layer)) : std::nullopt;
    const std::vector<float> shares = app::answerShares(trace, layer);
    const std::size_t bucket = token / ReadMap::kBucketPositions;
    const double share = bucket < shares.size() ? static_cast<double>(shares[bucket]) : std::nan("");
    return tr("%1 at position %2: the answer read %3 of the stretch of %4 tokens around it.")
        .arg(quoted(token), locale.toString(static_cast<qulonglong>(token)), percent(share),
             locale.toString(static_cast<qulonglong>(ReadMap::kBucketPositions)));
  }
  const app::TokenOrigin& origin = m_origins.tokens[token - m_text.promptTokens];
  const app::TraceStep& step = trace.steps[origin.step];
  QString words = tr("%1 was written by step %2, which read %3 of the entries before it.")
                      .arg(quoted(token), locale.toString(static_cast<qulonglong>(origin.step + 1)),
                           percent(shareRead(step.telemetry, trace.reads.layers())));
  if (step.reads.empty())
    words += QLatin1Char(' ') + tr("Where it read was not recorded: the answer is very long.");
  if (origin.confirmed) words += QLatin1Char(' ') + tr("A dense pass confirmed it.");
  return words;
}

QString TokenMarks::describeRefusal(const Refusal& refusal, std::size_t place, const QString& instead) const {
  const auto text = [this](TokenId token) {
    return quotedToken(QString::fromStdString(app::tokenText(m_insights->trace(), token)));
  };
  double draft = static_cast<double>(refusal.draft_probability);
  double verifier = static_cast<double>(refusal.verifier_probability);
  double chosen = static_cast<double>(refusal.chosen_probability);
  // What the draws themselves did not need, a replay found out.
  const app::ReplayOutcome* outcome = m_check ? m_check->outcome() : nullptr;
  if (std::isnan(verifier) && outcome != nullptr && place < outcome->replay.tokens.size()) {
    const ReplayedToken& replayed = outcome->replay.tokens[place];
    draft = static_cast<double>(replayed.draft_probability);
    verifier = static_cast<double>(replayed.refused_probability);
    chosen = static_cast<double>(replayed.answer_probability);
  }
  if (std::isnan(verifier)) {
    return tr("The draft proposed %1, the verifier chose %2. The draws of this mode need no "
              "probabilities: verify the answer to find them out.")
        .arg(text(refusal.refused), instead);
  }
  return tr("The draft proposed %1 with %2. The verifier gave it %3 and chose %4, with %5.")
      .arg(text(refusal.refused), percent(draft), percent(verifier), instead, percent(chosen));
}

QString TokenMarks::describeOrigin(std::size_t place) const {
  if (place >= m_origins.tokens.size()) return {};
  const app::TokenOrigin& origin = m_origins.tokens[place];
  const QString token = quoted(place + m_text.promptTokens);
  if (origin.refusal && m_insights->trace().steps[origin.step].telemetry.kind == PassKind::kConfirm) {
    const std::string wrote = app::tokenText(m_insights->trace(), origin.refusal->refused);
    return tr("Sparse reading wrote %1 here; the dense pass that confirms it corrected it to %2.")
        .arg(quotedToken(QString::fromStdString(wrote)), token);
  }
  QString words = origin.refusal ? describeRefusal(*origin.refusal, place, token)
                  : origin.drafted
                      ? tr("%1 was proposed by the draft, and accepted.").arg(token)
                      : tr("%1 is the verifier's own: nothing was proposed in its place.").arg(token);
  if (origin.confirmed) words += QLatin1Char(' ') + tr("A dense pass confirmed it.");
  return words;
}

QString TokenMarks::describeCheck(std::size_t place) const {
  const app::ReplayOutcome* outcome = m_check ? m_check->outcome() : nullptr;
  if (outcome == nullptr || place >= outcome->replay.tokens.size()) return {};
  const ReplayedToken& token = outcome->replay.tokens[place];
  const QString ours = quoted(place + m_text.promptTokens);
  const QString chance = percent(static_cast<double>(token.answer_probability));
  if (token.drawn == app::answerTokens(m_insights->trace())[place])
    return tr("The verifier draws %1 too; it gives it %2.").arg(ours, chance);
  const QString theirs = token.drawn == outcome->replay.end ? tr("the end of the answer")
                                                            : quotedToken(m_check->textOf(token.drawn));
  return tr("The answer has %1, which the verifier gives %2. It draws %3, which it gives %4.")
      .arg(ours, chance, theirs, percent(static_cast<double>(token.drawn_probability)));
}

bool TokenMarks::readsEverything() const {
  const Mode mode = m_insights->trace().options.mode;
  return mode == Mode::kDense || mode == Mode::kSpeculative;
}

QString TokenMarks::overview() const {
  if (m_marks.empty()) return {};
  switch (m_kind) {
    case Kind::Reads:
      return readsEverything() ? tr("The mode of this answer leaves nothing out: everything was read, as "
                                    "often as there was a pass. Mode Sparse chooses.")
                               : tr("Choose a word of the answer to see what it read: click it, or move "
                                    "with the arrow keys.");
    case Kind::Draft: {
      QString words = tr("Choose a word to see who proposed it.");
      if (m_origins.atEnd) {
        words += QLatin1Char(' ') +
                 describeRefusal(*m_origins.atEnd, m_origins.tokens.size(), tr("the end of the answer"));
      }
      return words;
    }
    case Kind::Check:
      return tr("Choose a word to see how likely it is to the verifier.");
  }
  return {};
}

}  // namespace fovea::ui

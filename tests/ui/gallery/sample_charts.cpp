#include "tests/ui/gallery/sample_charts.h"

#include "tests/ui/support/sample_trace.h"
#include "ui/statistics_charts.h"

namespace fovea::test {

QImage sampleCharts(int answers) {
  app::Conversation conversation;
  conversation.title = QStringLiteral("The lighthouse, its keeper and the storm");
  QList<app::Message> messages;
  QList<app::StoredTrace> traces;
  for (int i = 0; i < answers; ++i) {
    app::Message question;
    question.id = 2 * i + 1;
    question.text = QStringLiteral("Tell me a short story about a lighthouse keeper and a storm.");
    app::Message answer;
    answer.id = 2 * i + 2;
    answer.role = Role::kAssistant;
    answer.modelName = QStringLiteral("Scripted 51M");
    answer.createdAt = QDateTime(QDate(2026, 11, 25), QTime(17, 30), Qt::UTC);
    messages << question << answer;
    const auto prompt = static_cast<std::size_t>(180 + 120 * i);
    traces << app::StoredTrace{
        answer.id, std::make_shared<const app::TurnTrace>(sampleTrace(prompt, 38 + 3 * i)), {}};
  }
  return ui::statisticsCharts(conversation, messages, traces);
}

}  // namespace fovea::test

// fovea-charts: draws the statistics of a stored conversation into a PNG file, without a display. What
// `fovea-cli statistics` starts for such a file, so that it need not load a graphical library itself.
#include <QGuiApplication>
#include <QTextStream>

#include "app/conversation_store.h"
#include "app/message_branch.h"
#include "ui/statistics_charts.h"

namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int fail(const QString& why, int status) {
  QTextStream(stderr) << "fovea-charts: " << why << Qt::endl;
  return status;
}

int fail(const fovea::Error& error) {
  return fail(QString::fromStdString(error.to_string()), kFailed);
}

int draw(const QString& database, fovea::app::RecordId id, const QString& path) {
  const auto store = fovea::app::ConversationStore::open(database);
  if (!store) return fail(store.error());
  const auto conversations = (*store)->conversations();
  for (const fovea::app::Conversation& conversation : conversations.rows) {
    if (conversation.id != id) continue;
    const auto messages = (*store)->messages(id);
    const auto traces = (*store)->traces(id);
    if (traces.damage) return fail(*traces.damage);
    const auto drawn = fovea::ui::exportStatisticsCharts(
        path, conversation, fovea::app::branchOf(messages.rows, conversation.headMessageId), traces.rows);
    return drawn ? 0 : fail(drawn.error());
  }
  return fail(QStringLiteral("There is no such conversation."), kFailed);
}

}  // namespace

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  const QGuiApplication application(argc, argv);
  const QStringList arguments = QGuiApplication::arguments();
  if (arguments.size() != 4)
    return fail(QStringLiteral("usage: fovea-charts DATABASE CONVERSATION FILE"), kUsage);
  return draw(arguments.at(1), arguments.at(2).toLongLong(), arguments.at(3));
}

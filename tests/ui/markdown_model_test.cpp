#include "ui/markdown_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using fovea::ui::MarkdownModel;
using Kind = MarkdownModel::Kind;

namespace {

QString content(const MarkdownModel& model, int row) {
  return model.data(model.index(row), MarkdownModel::ContentRole).toString();
}
Kind kind(const MarkdownModel& model, int row) {
  return model.data(model.index(row), MarkdownModel::KindRole).value<Kind>();
}

}  // namespace

class MarkdownModelTest : public QObject {
  Q_OBJECT

 private slots:
  void showsASource() {
    MarkdownModel model;
    const QAbstractItemModelTester tester(&model);
    model.setSource(QStringLiteral("# A\n\ntext\n\n```py\nx = 1\n```\n---\n> q"));
    QCOMPARE(model.rowCount(), 5);
    QCOMPARE(kind(model, 0), Kind::Heading);
    QCOMPARE(content(model, 0), QStringLiteral("<h1>A</h1>"));
    QCOMPARE(kind(model, 2), Kind::Code);
    QCOMPARE(content(model, 2), QStringLiteral("x = 1"));
    QCOMPARE(model.data(model.index(2), MarkdownModel::LanguageRole).toString(), QStringLiteral("py"));
    QCOMPARE(kind(model, 3), Kind::Rule);
    QCOMPARE(content(model, 4), QStringLiteral("<p>q</p>"));
  }
  void onlyTheLastBlocksAreTouched() {
    MarkdownModel model;
    const QAbstractItemModelTester tester(&model);
    QString text;
    for (int i = 0; i < 50; ++i) text += QStringLiteral("Paragraph %1.\n\n").arg(i);
    model.setSource(text);
    QCOMPARE(model.rowCount(), 50);
    const QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    const QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    for (const char* piece :
         {"La", "st", " **o", "ne**", ".\n", "\n", "```", "cpp\n", "int ", "i;\n", "`", "``\n"}) {
      model.append(QString::fromUtf8(piece));
    }
    QCOMPARE(reset.count(), 0);
    for (const auto& change : changed) QVERIFY(change.at(0).value<QModelIndex>().row() >= 50);
    QCOMPARE(model.rowCount(), 52);
    QCOMPARE(content(model, 50), QStringLiteral("<p>Last <b>one</b>.</p>"));
    QCOMPARE(content(model, 51), QStringLiteral("int i;"));
    MarkdownModel whole;
    whole.setSource(model.source());
    QCOMPARE(whole.rowCount(), model.rowCount());
    for (int row = 0; row < whole.rowCount(); ++row) QCOMPARE(content(model, row), content(whole, row));
  }
  void aBlockThatWasNoneGoesAgain() {
    MarkdownModel model;
    const QAbstractItemModelTester tester(&model);
    model.append(QStringLiteral("- a\n\n"));
    model.append(QStringLiteral("b"));  // a paragraph?
    QCOMPARE(model.rowCount(), 2);
    model.append(QStringLiteral("\n"));
    QCOMPARE(model.rowCount(), 2);
    model.append(QStringLiteral("\n1"));  // a paragraph, until it is an item
    model.append(QStringLiteral(". c"));
    QCOMPARE(content(model, model.rowCount() - 1), QStringLiteral("<ol start=\"1\"><li>c</li></ol>"));
  }
};

QTEST_APPLESS_MAIN(MarkdownModelTest)
#include "markdown_model_test.moc"

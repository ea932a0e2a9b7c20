#include "ui/code_highlighter.h"

#include <QColor>
#include <QQmlComponent>
#include <QQmlEngine>
#include <QQuickItem>
#include <QSignalSpy>
#include <QTest>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextLayout>
#include <memory>

#include "ui/qml_module.h"

namespace {

constexpr const char* kQml = R"(
import QtQuick
import Fovea
TextEdit {
  id: edit
  property alias language: highlighter.language
  textFormat: TextEdit.PlainText
  CodeHighlighter {
    id: highlighter
    objectName: "highlighter"
    document: edit.textDocument
    colors: ({ keyword: "#ff0000", string: "#00ff00", comment: "#0000ff", type: "#00ffff", number: "#ff00ff" })
  }
})";

class Editor {
 public:
  Editor() {
    fovea::ui::registerQmlModule(m_engine);
    QQmlComponent component(&m_engine);
    component.setData(kQml, QUrl());
    m_item.reset(qobject_cast<QQuickItem*>(component.create()));
    if (!m_item) qFatal("%s", qPrintable(component.errorString()));
  }
  void set(const char* name, const QString& value) { m_item->setProperty(name, value); }
  void insert(const QString& text) {
    QMetaObject::invokeMethod(m_item.get(), "insert", Q_ARG(int, m_item->property("length").toInt()),
                              Q_ARG(QString, text));
  }
  [[nodiscard]] QTextDocument* document() const {
    return m_item->property("textDocument").value<QQuickTextDocument*>()->textDocument();
  }
  /// Colour of the first place where `word` stands; invalid where it is plain.
  [[nodiscard]] QColor colorOf(const QString& word) const {
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
      const int at = static_cast<int>(block.text().indexOf(word));
      if (at < 0) continue;
      for (const QTextLayout::FormatRange& range : block.layout()->formats()) {
        if (range.start <= at && at < range.start + range.length &&
            range.format.hasProperty(QTextFormat::ForegroundBrush))
          return range.format.foreground().color();
      }
      return {};
    }
    return {};
  }

 private:
  QQmlEngine m_engine;
  std::unique_ptr<QQuickItem> m_item;
};

const QColor kKeyword(0xff, 0, 0);
const QColor kString(0, 0xff, 0);
const QColor kComment(0, 0, 0xff);

}  // namespace

class CodeHighlighterTest : public QObject {
  Q_OBJECT

 private slots:
  void coloursByLanguage() {
    Editor editor;
    editor.set("language", QStringLiteral("python"));
    editor.set("text", QStringLiteral("while True:  # \u00fcber \U0001F30A all\n  say('hello')\n"));
    QCOMPARE(editor.colorOf(QStringLiteral("while")), kKeyword);
    QCOMPARE(editor.colorOf(QStringLiteral("all")), kComment);
    QCOMPARE(editor.colorOf(QStringLiteral("hello")), kString);
  }
  void namesAsFencesUseThem_data() {
    QTest::addColumn<QString>("language");
    QTest::addColumn<QString>("code");
    QTest::newRow("C++") << "C++"
                         << "while (true) {}";
    QTest::newRow("py") << "py"
                        << "while True: pass";
    QTest::newRow("js") << "js"
                        << "while (true) {}";
    QTest::newRow("bash") << "bash"
                          << "while true; do ls; done";
  }
  void namesAsFencesUseThem() {
    QFETCH(QString, language);
    QFETCH(QString, code);
    Editor editor;
    editor.set("language", language);
    editor.set("text", code);
    QCOMPARE(editor.colorOf(QStringLiteral("while")), kKeyword);
  }
  void aCommentGoesOnOverLines() {
    Editor editor;
    editor.set("language", QStringLiteral("cpp"));
    editor.set("text", QStringLiteral("/* one\ntwo while\nthree */ while (x)"));
    QCOMPARE(editor.colorOf(QStringLiteral("two")), kComment);
    QCOMPARE(editor.colorOf(QStringLiteral("three")), kComment);
  }
  void growsLineByLine() {
    Editor editor;
    editor.set("language", QStringLiteral("cpp"));
    editor.set("text", QStringLiteral("/* open"));
    editor.insert(QStringLiteral("\nstill"));
    editor.insert(QStringLiteral(" inside */\nwhi"));
    editor.insert(QStringLiteral("le (true) {}"));
    QCOMPARE(editor.colorOf(QStringLiteral("still")), kComment);
    QCOMPARE(editor.colorOf(QStringLiteral("while")), kKeyword);
  }
  void whatIsNotKnownStaysPlain() {
    Editor editor;
    for (const char* language : {"", "klingon", "../../etc/passwd", "lang.map"}) {
      editor.set("language", QString::fromUtf8(language));
      editor.set("text", QStringLiteral("while (true) {}"));
      QVERIFY(!editor.colorOf(QStringLiteral("while")).isValid());
    }
  }
  void aLongLineCostsNothing() {
    Editor editor;
    editor.set("language", QStringLiteral("cpp"));
    editor.set("text", QStringLiteral("int a;").repeated(20'000) + QStringLiteral("\nwhile (1);"));
    QCOMPARE(editor.colorOf(QStringLiteral("while")), kKeyword);
  }
};

QTEST_MAIN(CodeHighlighterTest)
#include "code_highlighter_test.moc"

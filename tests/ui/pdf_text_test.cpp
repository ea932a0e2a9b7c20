// Text of PDF files: written here by Qt, read by Qt PDF; and what is none.
#include "ui/pdf_text.h"

#include <QFile>
#include <QPainter>
#include <QPdfWriter>
#include <QTemporaryDir>
#include <QTest>

#include "ui/attachment_list_model.h"

using fovea::ui::pdfText;

class PdfTextTest : public QObject {
  Q_OBJECT

 private slots:
  void allPagesAreRead() {
    const QString path =
        write(QStringLiteral("two.PDF"), {QStringLiteral("The lamp"), QStringLiteral("The storm")});
    const auto text = fovea::ui::readAttachment(path);
    QVERIFY2(text.ok(), text.ok() ? "" : text.error().message.c_str());
    QCOMPARE(text.value(), QStringLiteral("The lamp\nThe storm\n"));
  }
  void pagesWithoutWordsAreRefused() {
    const auto text = pdfText(write(QStringLiteral("empty.pdf"), {QString(), QString()}));
    QVERIFY(!text && text.error().message.find("empty.pdf holds no text") == 0);
  }
  void otherFilesAreRefused() {
    const QString path = m_folder.filePath(QStringLiteral("a.pdf"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("%PDF-1.7\nand no more");
    file.close();
    QVERIFY(!pdfText(path));
    QVERIFY(!pdfText(m_folder.filePath(QStringLiteral("missing.pdf"))));
  }

 private:
  QString write(const QString& name, const QStringList& pages) {
    const QString path = m_folder.filePath(name);
    QPdfWriter writer(path);
    QPainter painter(&writer);
    for (qsizetype page = 0; page < pages.size(); ++page) {
      if (page > 0) writer.newPage();
      painter.drawText(600, 600, pages.at(page));
    }
    return path;
  }

  QTemporaryDir m_folder;
};

QTEST_MAIN(PdfTextTest)
#include "pdf_text_test.moc"

#include "ui/pdf_text.h"

#include <QFileInfo>

#if FOVEA_WITH_PDF
#include <QPdfDocument>
#include <QPdfSelection>
#endif

namespace fovea::ui {
namespace {

Error refusal(const QString& path, const char* why, const char* remedy) {
  return {ErrorCode::kUnsupported,
          QStringLiteral("%1 %2.").arg(QFileInfo(path).fileName(), QLatin1String(why)).toStdString(), remedy};
}

}  // namespace

#if FOVEA_WITH_PDF
Result<QString> pdfText(const QString& path) {
  QPdfDocument document;
  switch (document.load(path)) {
    case QPdfDocument::Error::None:
      break;
    case QPdfDocument::Error::FileNotFound:
      return refusal(path, "cannot be read", "Choose another file.");
    case QPdfDocument::Error::IncorrectPassword:
    case QPdfDocument::Error::UnsupportedSecurityScheme:
      return refusal(path, "is encrypted", "Attach a copy without a password.");
    default:
      return refusal(path, "is no PDF that can be read", "Attach it as a text file.");
  }
  QString text;
  for (int page = 0; page < document.pageCount(); ++page) {
    const QString words = document.getAllText(page).text().trimmed();
    if (!words.isEmpty()) text += words + u'\n';
  }
  if (text.isEmpty())
    return refusal(path, "holds no text, only pictures of pages", "Attach a file whose words can be marked.");
  text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
  return text;
}
#else
Result<QString> pdfText(const QString& path) {
  return refusal(path, "is a PDF file, which this Fovea cannot read", "Attach it as a text file.");
}
#endif

}  // namespace fovea::ui

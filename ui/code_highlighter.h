// Colours the code in a text document, line by line: what is added to the end costs its own lines only. GNU
// source-highlight knows the languages; a name it does not know, and a line it chokes on, stay plain. Made in
// QML beside the text it colours; GUI thread.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QObject>
#include <QPointer>
#include <QQuickTextDocument>
#include <QString>
#include <QVariantMap>

namespace fovea::ui {

class CodeHighlighter : public QObject {
  Q_OBJECT
  QML_ELEMENT
  Q_PROPERTY(QQuickTextDocument* document READ document WRITE setDocument NOTIFY documentChanged)
  /// As a fence names it: "python", "py", "c++" ...
  Q_PROPERTY(QString language READ language WRITE setLanguage NOTIFY languageChanged)
  /// Colour by kind of element: keyword, type, string, comment, number ... (source-highlight's names).
  Q_PROPERTY(QVariantMap colors READ colors WRITE setColors NOTIFY colorsChanged)

 public:
  explicit CodeHighlighter(QObject* parent = nullptr);
  ~CodeHighlighter() override;

  [[nodiscard]] QQuickTextDocument* document() const { return m_document; }
  void setDocument(QQuickTextDocument* document);
  [[nodiscard]] QString language() const { return m_language; }
  void setLanguage(const QString& language);
  [[nodiscard]] QVariantMap colors() const { return m_colors; }
  void setColors(const QVariantMap& colors);

 signals:
  void documentChanged();
  void languageChanged();
  void colorsChanged();

 private:
  class Lines;  // the part that Qt asks line by line

  QPointer<QQuickTextDocument> m_document;
  QString m_language;
  QVariantMap m_colors;
  QPointer<Lines> m_lines;  // a child of the document
};

}  // namespace fovea::ui

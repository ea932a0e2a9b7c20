#include "ui/translations.h"

#include <QCoreApplication>
#include <QDir>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

namespace fovea::ui {
namespace {

const QString kFolder = QStringLiteral(":/fovea/translations");
const QString kPrefix = QStringLiteral("fovea_");

void install(QCoreApplication& application, const QLocale& locale, const QString& name,
             const QString& folder) {
  auto* translator = new QTranslator(&application);
  if (translator->load(locale, name, QString(), folder)) {
    QCoreApplication::installTranslator(translator);
  } else {
    delete translator;
  }
}

}  // namespace

QStringList availableLanguages() {
  QStringList languages{QStringLiteral("en")};
  for (QString file : QDir(kFolder).entryList({kPrefix + QStringLiteral("*.qm")})) {
    file.remove(0, kPrefix.size());
    file.chop(3);
    if (!languages.contains(file)) languages.append(file);
  }
  languages.sort();
  return languages;
}

void installLanguage(QCoreApplication& application, const QString& language) {
  for (QTranslator* earlier : application.findChildren<QTranslator*>(Qt::FindDirectChildrenOnly)) {
    delete earlier;  // which takes it out of use
  }
  const QLocale locale = language.isEmpty() ? QLocale::system() : QLocale(language);
  QLocale::setDefault(locale);
  // Qt's own words, such as those of its dialogs.
  install(application, locale, QStringLiteral("qtbase_"), QLibraryInfo::path(QLibraryInfo::TranslationsPath));
  install(application, locale, kPrefix, kFolder);
}

}  // namespace fovea::ui

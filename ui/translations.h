// The languages of the window: what the build compiled from resources/translations. Pure functions on the
// GUI thread.
#pragma once

#include <QString>
#include <QStringList>

class QCoreApplication;

namespace fovea::ui {

/// Codes ("de", "en", ...), sorted; English is what the sources are written in.
[[nodiscard]] QStringList availableLanguages();
/// Translates what is shown from now on, in the place of an earlier language: into `language`, or where it is
/// empty into the system's. What a language does not have stays English.
void installLanguage(QCoreApplication& application, const QString& language);

}  // namespace fovea::ui

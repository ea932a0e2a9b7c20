#include "ui/about_info.h"

#include <QCoreApplication>

namespace fovea::ui {

QString AboutInfo::version() const {
  return QCoreApplication::applicationVersion();
}

QVariantList AboutInfo::libraries() const {
  const auto entry = [](const char* name, const QString& version, const char* licence) {
    return QVariantMap{{QStringLiteral("name"), QString::fromLatin1(name)},
                       {QStringLiteral("version"), version},
                       {QStringLiteral("licence"), QString::fromLatin1(licence)}};
  };
  // The versions are those that the build found, Qt's that of the library that runs.
  return {entry("Qt", QString::fromLatin1(qVersion()), "LGPL-3.0"),
          entry("sentencepiece", QStringLiteral(FOVEA_SENTENCEPIECE_VERSION), "Apache-2.0"),
          entry("Highway", QStringLiteral(FOVEA_HIGHWAY_VERSION), "Apache-2.0"),
          entry("spdlog", QStringLiteral(FOVEA_SPDLOG_VERSION), "MIT"),
          entry("nlohmann-json", QStringLiteral(FOVEA_JSON_VERSION), "MIT"),
          entry("xxHash", QStringLiteral(FOVEA_XXHASH_VERSION), "BSD-2-Clause"),
          entry("SQLite", {}, "public domain")};
}

}  // namespace fovea::ui

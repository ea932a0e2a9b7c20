// The text of a PDF file, by Qt PDF. Any thread with a QGuiApplication in the process; blocks on the disk.
#pragma once

#include <QString>

#include "engine/result.h"

namespace fovea::ui {

/// All pages, each from a line of its own on. Fails where the file cannot be read, is encrypted, is no PDF,
/// or holds pictures of pages and no text; and where this Fovea was built without Qt PDF.
[[nodiscard]] Result<QString> pdfText(const QString& path);

}  // namespace fovea::ui

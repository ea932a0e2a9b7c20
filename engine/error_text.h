// Wording shared by errors. Names inside a damaged or hostile file may hold anything, so they
// pass through `quoted` before a window, a log or JSON shows them. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/result.h"

namespace fovea {

/// `name` in single quotes, at most 80 bytes of it, everything but printable ASCII as \xNN.
[[nodiscard]] std::string quoted(std::string_view name);

/// "12 MiB", rounded up.
[[nodiscard]] std::string mebibytes(std::size_t bytes);

/// An Error whose message is "path: problem" and whose remedy follows from the code: a damaged file is worth
/// downloading again, an unsupported one is not.
[[nodiscard]] Error file_error(ErrorCode code, std::string_view path, std::string_view problem);

}  // namespace fovea

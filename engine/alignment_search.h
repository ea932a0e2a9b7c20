// Where the alignment of a pair lies. Reads both model files whole, to name them by their content: seconds
// for files that are not in the system's cache. Pure functions; any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/alignment_file.h"
#include "engine/gguf.h"
#include "engine/result.h"

namespace spdlog {
class logger;
}

namespace fovea {

struct FoundAlignment {
  std::string path;
  Alignment alignment;
};

/// The first of the folders that holds one of these two models. Files of other models or damaged ones are
/// passed over, and named to the logger, which may be null. Fails with kNotFound, or where a file is not that
/// of a model this program runs.
Result<FoundAlignment> find_alignment(const std::vector<std::string>& folders, const Gguf& verifier,
                                      const Gguf& draft, spdlog::logger* logger);

}  // namespace fovea

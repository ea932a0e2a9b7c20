// Which processor serves: what the user chose, or with `auto` a GPU where one answers.
#pragma once

#include <memory>
#include <string>

#include "engine/backend.h"
#include "engine/backend_kind.h"

namespace fovea {

struct ChosenBackend {
  std::unique_ptr<Backend> backend;
  std::string reason;  // why this one
};

/// `threads`: of the CPU backend; 0: one per physical core. Fails, with kCuda alone, where no device answers.
Result<ChosenBackend> choose_backend(BackendKind kind, int threads);

}  // namespace fovea

#include "engine/backend_choice.h"

#include <utility>

#include "engine/backend_cpu.h"
#if FOVEA_WITH_CUDA
#include "engine/backend_cuda.h"
#endif

namespace fovea {
namespace {

Result<std::unique_ptr<Backend>> create_cuda() {
#if FOVEA_WITH_CUDA
  Result<std::unique_ptr<BackendCuda>> made = BackendCuda::create();
  if (!made) return made.error();
  return std::unique_ptr<Backend>(std::move(made).value());
#else
  return Error{ErrorCode::kUnsupported, "This build of Fovea runs on the processor only.",
               "Choose the backend cpu or auto."};
#endif
}

}  // namespace

Result<ChosenBackend> choose_backend(BackendKind kind, int threads) {
  std::string reason = "chosen";
  if (kind != BackendKind::kCpu) {
    Result<std::unique_ptr<Backend>> cuda = create_cuda();
    if (cuda)
      return ChosenBackend{std::move(cuda).value(), kind == BackendKind::kCuda ? reason : "a GPU answers"};
    if (kind == BackendKind::kCuda) return cuda.error();
    reason = cuda.error().message;
  }
  return ChosenBackend{std::make_unique<BackendCpu>(threads), std::move(reason)};
}

}  // namespace fovea

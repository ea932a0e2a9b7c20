#include "engine/backend_kind.h"

namespace fovea {

std::string_view to_string(BackendKind kind) {
  switch (kind) {
    case BackendKind::kCpu:
      return "cpu";
    case BackendKind::kCuda:
      return "cuda";
    case BackendKind::kAuto:
      return "auto";
  }
  return "auto";
}

std::optional<BackendKind> backend_from_string(std::string_view name) {
  for (const BackendKind kind : {BackendKind::kCpu, BackendKind::kCuda, BackendKind::kAuto}) {
    if (name == to_string(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace fovea

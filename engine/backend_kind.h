// The processors a user can choose. A plain value.
#pragma once

#include <optional>
#include <string_view>

namespace fovea {

enum class BackendKind { kCpu, kCuda, kAuto };
[[nodiscard]] std::string_view to_string(BackendKind kind);
[[nodiscard]] std::optional<BackendKind> backend_from_string(std::string_view name);

}  // namespace fovea

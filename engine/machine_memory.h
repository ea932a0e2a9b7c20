// How much memory of this machine programs could still take. A pure look-up; any thread.
#pragma once

#include <cstddef>
#include <optional>

namespace fovea {

/// Bytes, what the system would drop from its caches counted as free; none where the system does not say.
[[nodiscard]] std::optional<std::size_t> available_memory();

}  // namespace fovea

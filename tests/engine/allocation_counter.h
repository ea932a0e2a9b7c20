// Counts the heap allocations of a test program that links allocation_counter.cpp. Any thread.
#pragma once

#include <cstddef>

namespace fovea {

/// How often operator new has run since the program started.
[[nodiscard]] std::size_t allocation_count();

}  // namespace fovea

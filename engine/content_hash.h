// Names a model file by what is in it, so that what was computed for a pair is found again wherever its files
// lie, and not mistaken for another's when a file is replaced. Not cryptographic: it guards against mix-ups,
// not against forgers. A pure function; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace fovea {

/// XXH3, 128 bits, as 32 lower-case hexadecimal digits, most significant first (what `xxhsum -H2` prints).
/// As fast as memory is read: 36 MiB in a few milliseconds.
[[nodiscard]] std::string content_hash(std::span<const std::byte> bytes);

}  // namespace fovea

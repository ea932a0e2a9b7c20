#include "engine/weight_shelves.h"

#include <algorithm>
#include <functional>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace fovea {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kShelfBytes = 16 * kHugePage;
constexpr std::size_t kPieceAlignment = 64;

std::size_t round_up(std::size_t n, std::size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

std::byte* allocate(std::size_t bytes) {
  void* memory = ::operator new (bytes, std::align_val_t{kHugePage}, std::nothrow);
#if defined(__linux__)
  // Advice: without huge pages everything works, only slower.
  if (memory != nullptr) ::madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return static_cast<std::byte*>(memory);
}

void release(std::byte* memory) noexcept {
  ::operator delete (memory, std::align_val_t{kHugePage});
}

}  // namespace

WeightShelves::~WeightShelves() {
  for (const Shelf& shelf : m_shelves) release(shelf.memory);
}

std::byte* WeightShelves::take_whole(std::size_t bytes) {
  const std::size_t size = round_up(std::max<std::size_t>(bytes, 1), kPieceAlignment);
  std::byte* memory = allocate(size);
  if (memory != nullptr) m_shelves.push_back({memory, size, size, 1});
  return memory;
}

std::byte* WeightShelves::take(std::size_t bytes) {
  const std::size_t size = round_up(std::max<std::size_t>(bytes, 1), kPieceAlignment);
  auto shelf = std::find_if(m_shelves.begin(), m_shelves.end(),
                            [size](const Shelf& s) { return s.bytes - s.used >= size; });
  if (shelf == m_shelves.end()) {
    const std::size_t shelf_bytes = std::max(round_up(size, kHugePage), kShelfBytes);
    std::byte* memory = allocate(shelf_bytes);
    if (memory == nullptr) return nullptr;
    shelf = m_shelves.insert(m_shelves.end(), {memory, shelf_bytes, 0, 0});
  }
  std::byte* piece = shelf->memory + shelf->used;
  shelf->used += size;
  ++shelf->pieces;
  return piece;
}

bool WeightShelves::give_back(const std::byte* piece) noexcept {
  const std::less<> before;
  const auto shelf = std::find_if(m_shelves.begin(), m_shelves.end(), [&](const Shelf& s) {
    return !before(piece, s.memory) && before(piece, s.memory + s.bytes);
  });
  if (shelf == m_shelves.end()) return false;
  if (--shelf->pieces == 0) {
    release(shelf->memory);
    m_shelves.erase(shelf);
  }
  return true;
}

std::size_t WeightShelves::bytes() const {
  std::size_t total = 0;
  for (const Shelf& shelf : m_shelves) total += shelf.bytes;
  return total;
}

}  // namespace fovea

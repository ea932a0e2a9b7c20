// Memory for the weights of models on the CPU: pieces of a few large shelves, which ask the system for huge
// pages. A token reads every weight once, and pages of 4 KiB then cost a third of the memory's bandwidth; the
// matrices of a small model alone are too small for larger ones. A KV cache, read in full likewise, gets a
// shelf of its own. Owned by the backend; one thread at a time.
#pragma once

#include <cstddef>
#include <vector>

namespace fovea {

class WeightShelves {
 public:
  WeightShelves() = default;
  ~WeightShelves();
  WeightShelves(const WeightShelves&) = delete;
  WeightShelves& operator=(const WeightShelves&) = delete;

  /// A piece of `bytes`, aligned to 64, content undefined; null where there is no memory.
  [[nodiscard]] std::byte* take(std::size_t bytes);
  /// The same on a shelf that goes with it, for what is large or short-lived.
  [[nodiscard]] std::byte* take_whole(std::size_t bytes);
  /// Gives a piece back; false where it is not from here. A shelf goes with its last piece.
  bool give_back(const std::byte* piece) noexcept;

  /// Bytes of all shelves.
  [[nodiscard]] std::size_t bytes() const;

 private:
  struct Shelf {
    std::byte* memory = nullptr;
    std::size_t bytes = 0;
    std::size_t used = 0;  // from the beginning
    std::size_t pieces = 0;
  };
  std::vector<Shelf> m_shelves;
};

}  // namespace fovea

// Plain numbers as bytes and back, little-endian. The reader may be fed anything: past the end, or where a
// number is impossible, it gives 0 and fails from then on, so that one look at ok() at the end is enough.
// Values; one thread each.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::app {

class ByteWriter {
 public:
  void u8(std::uint8_t value) { m_bytes.push_back(value); }
  void u16(std::uint16_t value) { little(value, 2); }
  void u32(std::uint32_t value) { little(value, 4); }
  void u64(std::uint64_t value) { little(value, 8); }
  void real(float value);
  /// Unsigned LEB128; what is negative counts as 0.
  void count(std::int64_t value);
  void text(std::string_view bytes);

  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return m_bytes; }

 private:
  void little(std::uint64_t value, int bytes);

  std::vector<std::uint8_t> m_bytes;
};

class ByteReader {
 public:
  /// `bytes` outlives this.
  explicit ByteReader(std::span<const std::uint8_t> bytes) : m_rest(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(little(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(little(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(little(4)); }
  std::uint64_t u64() { return little(8); }
  float real();          // anything
  float positiveReal();  // finite, at least 0
  /// 0 .. most.
  std::int64_t count(std::int64_t most);
  int countInt(int most = std::numeric_limits<int>::max()) { return static_cast<int>(count(most)); }
  /// How many elements follow, of at least this many bytes each: never more than there is room for.
  std::size_t elements(std::size_t bytesEach = 1);
  std::string text();

  void fail() { m_ok = false; }
  [[nodiscard]] bool ok() const { return m_ok; }
  [[nodiscard]] bool atEnd() const { return m_rest.empty(); }

 private:
  std::uint64_t little(std::size_t bytes);

  std::span<const std::uint8_t> m_rest;
  bool m_ok = true;
};

}  // namespace fovea::app

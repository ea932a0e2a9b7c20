#include "app/byte_stream.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fovea::app {

void ByteWriter::little(std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i)));
}

void ByteWriter::real(float value) {
  u32(std::bit_cast<std::uint32_t>(value));
}

void ByteWriter::count(std::int64_t value) {
  auto rest = static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
  for (; rest >= 0x80; rest >>= 7) u8(static_cast<std::uint8_t>(rest | 0x80));
  u8(static_cast<std::uint8_t>(rest));
}

void ByteWriter::text(std::string_view bytes) {
  count(static_cast<std::int64_t>(bytes.size()));
  m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
}

std::uint64_t ByteReader::little(std::size_t bytes) {
  if (!m_ok || m_rest.size() < bytes) {
    fail();
    return 0;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{m_rest[i]} << (8 * i);
  m_rest = m_rest.subspan(bytes);
  return value;
}

float ByteReader::real() {
  return std::bit_cast<float>(u32());
}

float ByteReader::positiveReal() {
  const float value = real();
  if (std::isfinite(value) && value >= 0) return value;
  fail();
  return 0;
}

std::int64_t ByteReader::count(std::int64_t most) {
  std::uint64_t value = 0;
  for (int shift = 0; m_ok; shift += 7) {
    const std::uint64_t byte = u8();
    if (shift > 56) fail();  // nine bytes hold 63 bits
    value |= (byte & 0x7F) << std::min(shift, 56);
    if ((byte & 0x80) == 0) break;
  }
  if (m_ok && value <= static_cast<std::uint64_t>(most)) return static_cast<std::int64_t>(value);
  fail();
  return 0;
}

std::size_t ByteReader::elements(std::size_t bytesEach) {
  const auto wanted = static_cast<std::size_t>(count(std::numeric_limits<std::int64_t>::max()));
  if (wanted <= m_rest.size() / bytesEach) return wanted;
  fail();
  return 0;
}

std::string ByteReader::text() {
  const std::size_t size = elements();
  std::string bytes(m_rest.begin(), m_rest.begin() + static_cast<std::ptrdiff_t>(size));
  m_rest = m_rest.subspan(size);
  return bytes;
}

}  // namespace fovea::app

// Reading and writing binary formats: little-endian integers, varints, zigzag. No allocation but the output's own.
//
// ByteReader never reads past its end: a read that does not fit gives zero and makes ok() false from then on, so that a
// decoder can check once after a group of reads. For JSON see base/json_writer.h.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace iot {

static_assert(std::endian::native == std::endian::little, "formats are written as they lie in memory");

template <class T>
  requires std::is_trivially_copyable_v<T>
void store_little(char* to, T value) noexcept {
  std::memcpy(to, &value, sizeof value);
}

template <class T>
  requires std::is_trivially_copyable_v<T>
T load_little(const char* from) noexcept {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <class T>
  requires std::is_arithmetic_v<T>
void put_fixed(std::string& out, T value) {
  char bytes[sizeof value];
  store_little(bytes, value);
  out.append(bytes, sizeof bytes);
}

/// LEB128: seven bits a byte, lowest first; at most 10 bytes.
inline void put_varint(std::string& out, std::uint64_t value) {
  char bytes[10];
  std::size_t count = 0;
  while (value >= 0x80) {
    bytes[count++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[count++] = static_cast<char>(value);
  out.append(bytes, count);
}

constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

/// Reads a byte string from its front. The string must outlive the reader and every view taken from it.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) noexcept : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const noexcept { return ok_; }
  bool empty() const noexcept { return at_ == end_; }
  std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  template <class T>
    requires std::is_arithmetic_v<T>
  T fixed() noexcept {
    if (remaining() < sizeof(T)) return fail(), T{};
    const T value = load_little<T>(at_);
    at_ += sizeof(T);
    return value;
  }

  std::uint64_t varint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) return fail(), 0;
      const auto byte = static_cast<std::uint8_t>(*at_++);
      // The tenth byte holds the topmost bit alone.
      if (shift == 63 && byte > 1) return fail(), 0;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return fail(), 0;
  }

  std::int64_t signed_varint() noexcept { return unzigzag(varint()); }

  /// The next `count` bytes, a view into the string.
  std::string_view bytes(std::uint64_t count) noexcept {
    if (count > remaining()) return fail(), std::string_view{};
    const std::string_view taken(at_, static_cast<std::size_t>(count));
    at_ += count;
    return taken;
  }

 private:
  void fail() noexcept {
    ok_ = false;
    at_ = end_;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace iot

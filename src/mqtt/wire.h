// How MQTT lies in bytes (5.0 section 1.5): big-endian integers, variable byte integers, counted strings. For the files
// of this module; decoders and encoders are in decode.h and encode.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace iot::mqtt {

/// The bytes that a variable byte integer takes: 1 to 4. `value` is at most remaining_length_max.
constexpr std::size_t varint_bytes(std::uint32_t value) noexcept {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20'0000 ? 3 : 4;
}

inline char* store_u16(char* to, std::uint32_t value) noexcept {
  to[0] = static_cast<char>(value >> 8);
  to[1] = static_cast<char>(value);
  return to + 2;
}

inline char* store_u32(char* to, std::uint32_t value) noexcept {
  return store_u16(store_u16(to, value >> 16), value);
}

inline char* store_varint(char* to, std::uint32_t value) noexcept {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

inline void put_u8(std::string& out, std::uint32_t value) {
  out.push_back(static_cast<char>(value));
}

inline void put_u16(std::string& out, std::uint32_t value) {
  char bytes[2];
  store_u16(bytes, value);
  out.append(bytes, sizeof bytes);
}

inline void put_u32(std::string& out, std::uint32_t value) {
  char bytes[4];
  store_u32(bytes, value);
  out.append(bytes, sizeof bytes);
}

inline void put_varint(std::string& out, std::uint32_t value) {
  char bytes[4];
  out.append(bytes, static_cast<std::size_t>(store_varint(bytes, value) - bytes));
}

/// `text` has at most string_bytes_max bytes.
inline void put_string(std::string& out, std::string_view text) {
  put_u16(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

/// Takes values off the front of a packet's body. A read that does not fit gives zero or an empty text and makes ok()
/// false from then on, so that a decoder can check once after a group of reads. The bytes must outlive every view
/// taken.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) noexcept : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const noexcept { return ok_; }
  bool empty() const noexcept { return at_ == end_; }
  std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  std::uint8_t u8() noexcept {
    if (at_ == end_) return fail(), std::uint8_t{};
    return static_cast<std::uint8_t>(*at_++);
  }

  std::uint16_t u16() noexcept {
    if (remaining() < 2) return fail(), std::uint16_t{};
    const auto value = static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
    at_ += 2;
    return value;
  }

  std::uint32_t u32() noexcept {
    if (remaining() < 4) return fail(), 0;
    const std::uint32_t value = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
    at_ += 4;
    return value;
  }

  /// At most four bytes, and no more of them than the value needs (MQTT-1.5.5-1).
  std::uint32_t varint() noexcept {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      if (at_ == end_) return fail(), 0;
      const std::uint32_t next = byte(0);
      ++at_;
      value |= (next & 0x7F) << shift;
      if (next >= 0x80) continue;
      return next == 0 && shift > 0 ? (fail(), 0) : value;
    }
    return fail(), 0;
  }

  std::string_view bytes(std::size_t count) noexcept {
    if (count > remaining()) return fail(), std::string_view{};
    const std::string_view taken(at_, count);
    at_ += count;
    return taken;
  }

  /// A string or binary value: its length in two bytes before it.
  std::string_view string() noexcept { return bytes(u16()); }

  std::string_view rest() noexcept { return bytes(remaining()); }

 private:
  std::uint32_t byte(std::size_t index) const noexcept { return static_cast<std::uint8_t>(at_[index]); }
  void fail() noexcept {
    ok_ = false;
    at_ = end_;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace iot::mqtt

// Values of 0 to 64 bits, one after another without gaps; the lowest bit of each byte comes first.
//
// For whole bytes see base/bytes.h. Neither class allocates anything but the output's own memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace iot::store {

/// The lowest `bits` (0 to 64) bits set.
constexpr std::uint64_t low_bits(unsigned bits) noexcept {
  return bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
}

/// Appends to `out`, which must outlive the writer. What was put is complete only after flush().
class BitWriter {
 public:
  explicit BitWriter(std::string& out) noexcept : out_(out) {}

  /// `value` must be below 2^bits; `bits` is 0 to 64.
  void put(std::uint64_t value, unsigned bits) {
    pending_ |= value << used_;
    const unsigned total = used_ + bits;
    if (total < 64) {
      used_ = total;
      return;
    }
    store_little(buffer_ + buffered_, pending_);
    buffered_ += 8;
    if (buffered_ == sizeof buffer_) pass_on();
    // A shift by 64 is not defined, and nothing is left over where the writer was at a boundary.
    pending_ = used_ == 0 ? 0 : value >> (64 - used_);
    used_ = total - 64;
  }

  /// Fills the last byte with zeros.
  void flush() {
    pass_on();
    for (; used_ > 0; used_ -= used_ < 8 ? used_ : 8) {
      out_.push_back(static_cast<char>(pending_));
      pending_ >>= 8;
    }
  }

 private:
  void pass_on() {
    out_.append(buffer_, buffered_);
    buffered_ = 0;
  }

  std::string& out_;
  /// Appending to a string costs more than writing eight bytes.
  char buffer_[512];
  std::size_t buffered_ = 0;
  std::uint64_t pending_ = 0;
  unsigned used_ = 0;
};

/// Reads what BitWriter wrote. Past the end there are zeros, and ok() is false from then on. `bytes` must outlive it.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) noexcept : bytes_(bytes) {}

  bool ok() const noexcept { return position_ <= bytes_.size() * 8; }
  std::size_t bytes_used() const noexcept { return (position_ + 7) / 8; }

  /// `bits` is 0 to 64.
  std::uint64_t get(unsigned bits) noexcept {
    if (bits > 32) {
      const std::uint64_t low = get(32);
      return low | get(bits - 32) << 32;
    }
    const std::size_t byte = position_ / 8;
    const unsigned skipped = position_ % 8;
    position_ += bits;
    return load(byte) >> skipped & low_bits(bits);
  }

 private:
  std::uint64_t load(std::size_t byte) const noexcept {
    if (byte >= bytes_.size()) return 0;
    std::uint64_t word = 0;
    const std::size_t available = bytes_.size() - byte;
    std::memcpy(&word, bytes_.data() + byte, available < 8 ? available : 8);
    return word;
  }

  std::string_view bytes_;
  std::size_t position_ = 0;
};

}  // namespace iot::store

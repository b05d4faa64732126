// The plain bits of numbers that are told apart by their buckets: where in its bucket each one lies.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "store/embedded/buckets.h"

namespace iot::store {

/// Reads numbers' places within their buckets, up to `run_max` of them at once. The bytes are copied to where reading
/// past their end does no harm, so that only each call, and not each number, looks whether there are enough.
class PlaceReader {
 public:
  static constexpr std::size_t run_max = 512;

  PlaceReader(std::string_view bytes, std::span<const Bucket> buckets) : bits_in_(bytes.size() * 8) {
    constexpr std::size_t read_ahead = run_max * 64 / 8 + sizeof(std::uint64_t);
    padded_ = std::make_unique_for_overwrite<char[]>(bytes.size() + read_ahead);
    std::memcpy(padded_.get(), bytes.data(), bytes.size());
    std::memset(padded_.get() + bytes.size(), 0, read_ahead);
    buckets_.reserve(buckets.size());
    for (const Bucket& bucket : buckets) {
      buckets_.push_back({bucket.lower, bucket.bits});
      bits_max_ = std::max(bits_max_, unsigned{bucket.bits});
    }
  }

  bool ok() const noexcept { return position_ <= bits_in_; }

  /// Numbers that are all in one bucket. Like read() below: false if there are not so many.
  bool read(std::span<std::uint64_t> numbers) noexcept {
    const unsigned bits = bits_max_;
    std::size_t position = position_;
    if (bits <= short_bits_max) {
      for (std::uint64_t& number : numbers) number = get(position, bits);
    } else {
      for (std::uint64_t& number : numbers) number = get_long(position, bits);
    }
    position_ = position;
    return ok();
  }

  bool read(std::span<const std::uint16_t> symbols, std::span<std::uint64_t> numbers) noexcept {
    const Narrow* const buckets = buckets_.data();
    std::size_t position = position_;
    if (bits_max_ <= short_bits_max) {
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        const Narrow bucket = buckets[symbols[i]];
        numbers[i] = bucket.lower + get(position, static_cast<unsigned>(bucket.bits));
      }
    } else {
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        const Narrow bucket = buckets[symbols[i]];
        numbers[i] = bucket.lower + get_long(position, static_cast<unsigned>(bucket.bits));
      }
    }
    position_ = position;
    return ok();
  }

 private:
  /// What eight bytes hold, wherever in the first of them it begins.
  static constexpr unsigned short_bits_max = 57;
  struct Narrow {
    std::uint64_t lower;
    std::uint64_t bits;
  };

  std::uint64_t get(std::size_t& position, unsigned bits) const noexcept {
    const std::uint64_t word = load_little<std::uint64_t>(padded_.get() + position / 8) >> position % 8;
    position += bits;
    return word & ((std::uint64_t{1} << bits) - 1);
  }
  std::uint64_t get_long(std::size_t& position, unsigned bits) const noexcept {
    if (bits <= short_bits_max) return get(position, bits);
    const std::uint64_t low = get(position, 32);
    return low | get(position, bits - 32) << 32;
  }

  std::unique_ptr<char[]> padded_;
  std::size_t bits_in_;
  std::size_t position_ = 0;
  std::vector<Narrow> buckets_;
  unsigned bits_max_ = 0;
};

}  // namespace iot::store

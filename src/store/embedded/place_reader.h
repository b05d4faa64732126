// The plain bits of numbers that are told apart by their buckets: where in its bucket each one lies.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "store/embedded/buckets.h"

namespace iot::store {

/// What stands for a number's bucket until its place is read.
class PlaceCodes {
 public:
  explicit PlaceCodes(std::span<const Bucket> buckets);

  /// By bucket.
  std::span<const std::uint64_t> all() const noexcept { return codes_; }
  /// False if a word does not hold lower end and width of each: the codes are then the buckets' indices.
  bool packed() const noexcept { return packed_; }

 private:
  std::vector<std::uint64_t> codes_;
  bool packed_ = true;
};

/// Reads numbers' places within their buckets, up to `run_max` of them at once. Only each call, and not each number,
/// looks whether there are enough bits.
class PlaceReader {
 public:
  static constexpr std::size_t run_max = 512;

  /// `bytes` must outlive it; `codes` are those of the buckets.
  PlaceReader(std::string_view bytes, std::span<const Bucket> buckets, const PlaceCodes& codes);
  PlaceReader(const PlaceReader&) = delete;
  PlaceReader& operator=(const PlaceReader&) = delete;

  /// Turns the codes of numbers' buckets into the numbers. False if there are not so many bits; the numbers are then
  /// wrong.
  bool read(std::span<std::uint64_t> numbers) noexcept;

 private:
  void enter_tail() noexcept;
  void read_wide(std::span<std::uint64_t> numbers) noexcept;
  std::uint64_t take(unsigned bits) noexcept;

  std::string_view bytes_;
  std::size_t position_ = 0;
  std::vector<Bucket> wide_;  ///< All buckets, where codes are indices.
  unsigned bits_max_ = 0;
  /// The places' last bytes, and zeros for as many as a run may read past them.
  bool in_tail_ = false;
  std::array<char, 2 * run_max * sizeof(std::uint64_t) + 2 * sizeof(std::uint64_t)> tail_;
};

}  // namespace iot::store

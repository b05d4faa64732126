// Buckets: a partition of the numbers from 0 up, each bucket 2^bits numbers wide and aligned to that. A number is then
// its bucket (entropy coded) and its place within it (plain bits). Narrow where numbers are frequent, a single number
// where one repeats, wide in the tails: that follows any distribution, and as the buckets are the leaves of a binary
// tree, their description takes few bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "store/embedded/bits.h"

namespace iot::store {

struct Bucket {
  std::uint64_t lower = 0;  ///< The first number in it; a multiple of 2^bits.
  std::uint8_t bits = 0;    ///< 0 to 64.
  std::uint32_t count = 0;  ///< How many numbers fall into it.
};

/// At most this many buckets, so that their tables stay in the processor's first cache.
inline constexpr std::size_t buckets_max = 1024;

/// What numbers are told from: all there are, or a sample of them.
enum class Coverage { complete, sampled };

struct BucketChoice {
  std::vector<Bucket> buckets;  ///< Ascending.
  double bits = 0;              ///< About how many bits the numbers will take, with the description of the buckets.
};

/// The partition of [0, 2^height) that takes the fewest bits for `items` (ascending, disjoint; numbers that repeat are
/// one item with its count, and buckets chosen before are items too). With Coverage::complete every item is in a bucket
/// of at least one; with Coverage::sampled every number below 2^height is, and a bucket's count may be 0.
/// `alternating_bits` is what it costs to have more than one bucket at all.
BucketChoice choose_buckets(std::span<const Bucket> items, unsigned height, Coverage coverage, double alternating_bits);

/// Sorts `numbers`, which are all below 2^height, and counts those that are equal.
std::vector<Bucket> count_numbers(std::vector<std::uint64_t>& numbers, unsigned height);

/// Writes lower bounds and widths, not the counts.
void write_bucket_tree(BitWriter& out, std::span<const Bucket> buckets, unsigned height);

/// False if the bytes are damaged or there are more than buckets_max.
bool read_bucket_tree(BitReader& in, unsigned height, std::vector<Bucket>& buckets);

/// Finds numbers' buckets. `buckets` must outlive it.
class BucketFinder {
 public:
  /// `number_max`: no number asked for is larger.
  BucketFinder(std::span<const Bucket> buckets, std::uint64_t number_max);

  /// The index of the bucket that `number` is in.
  std::uint16_t find(std::uint64_t number) const noexcept {
    if (!direct_.empty()) return direct_[number];
    // As many halvings for every number, so that the processor need not guess.
    std::size_t first = 0;
    for (std::size_t step = step_max_; step > 0; step /= 2) {
      first += lowers_[first + step] <= number ? step : 0;
    }
    // Only the largest number of all goes on into the filling behind the last bucket.
    return static_cast<std::uint16_t>(first < last_ ? first : last_);
  }

 private:
  std::vector<std::uint16_t> direct_;
  std::vector<std::uint64_t> lowers_;
  std::size_t step_max_ = 0;
  std::size_t last_ = 0;
};

}  // namespace iot::store

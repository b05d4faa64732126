#include "store/embedded/place_reader.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/bytes.h"
#include "store/embedded/bits.h"
#include "store/embedded/decode_loops.h"

namespace iot::store {

PlaceCodes::PlaceCodes(std::span<const Bucket> buckets) {
  codes_.reserve(buckets.size());
  for (const Bucket& bucket : buckets) {
    packed_ = packed_ && bucket.bits <= packed_bits_max && bucket.lower <= low_bits(packed_lower_bits);
    codes_.push_back(pack_bucket(bucket.lower, bucket.bits));
  }
  for (std::size_t i = 0; !packed_ && i < codes_.size(); ++i) codes_[i] = i;
}

PlaceReader::PlaceReader(std::string_view bytes, std::span<const Bucket> buckets, const PlaceCodes& codes)
    : bytes_(bytes) {
  for (const Bucket& bucket : buckets) bits_max_ = std::max(bits_max_, unsigned{bucket.bits});
  if (!codes.packed()) wide_.assign(buckets.begin(), buckets.end());
}

bool PlaceReader::read(std::span<std::uint64_t> numbers) noexcept {
  assert(numbers.size() <= run_max);
  // The last word that is loaded may begin where the last place ends.
  const std::size_t bytes_read = (position_ % 8 + numbers.size() * bits_max_) / 8 + sizeof(std::uint64_t);
  if (!in_tail_ && bytes_.size() - position_ / 8 < bytes_read) enter_tail();
  if (wide_.empty()) {
    position_ = add_places(bytes_.data(), position_, bits_max_, numbers);
  } else {
    read_wide(numbers);
  }
  if (position_ <= bytes_.size() * 8) return true;
  // Nothing more is to be read from here, but were it, from within the bytes.
  position_ = bytes_.size() * 8;
  return false;
}

void PlaceReader::enter_tail() noexcept {
  const std::string_view left = bytes_.substr(position_ / 8);
  if (!left.empty()) std::memcpy(tail_.data(), left.data(), left.size());
  const std::size_t read_ahead = run_max * bits_max_ / 8 + sizeof(std::uint64_t);
  assert(left.size() + read_ahead <= tail_.size());
  std::memset(tail_.data() + left.size(), 0, read_ahead);
  bytes_ = {tail_.data(), left.size()};
  position_ %= 8;
  in_tail_ = true;
}

void PlaceReader::read_wide(std::span<std::uint64_t> numbers) noexcept {
  for (std::uint64_t& number : numbers) {
    const Bucket& bucket = wide_[number];
    number = bucket.lower;
    if (bucket.bits <= packed_bits_max) {
      number += take(bucket.bits);
    } else {
      const std::uint64_t low = take(32);
      number += low | take(bucket.bits - 32u) << 32;
    }
  }
}

std::uint64_t PlaceReader::take(unsigned bits) noexcept {
  const std::uint64_t word = load_little<std::uint64_t>(bytes_.data() + position_ / 8) >> position_ % 8;
  position_ += bits;
  return word & low_bits(bits);
}

}  // namespace iot::store

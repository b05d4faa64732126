#include "store/embedded/integer_reader.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "store/embedded/bits.h"
#include "store/embedded/buckets.h"

namespace iot::store {

static_assert(PlaceReader::run_max % RansDecoder::run_unit == 0);

bool IntegerReader::open(ByteReader& in, std::int64_t origin, std::size_t count) {
  assert(count > 0 && !places_);
  const auto header = get_integer_header(in);
  if (!header || header->order > count) return false;
  const std::string_view body = in.bytes(in.varint());
  if (!in.ok()) return false;
  header_ = *header;
  restoring_ = {header_.order, header_.floor, header_.unit, header_.least + static_cast<std::uint64_t>(origin)};
  sums_ = {header_.seeds[0], header_.seeds[1]};
  seeds_left_ = header_.order;
  left_ = count;

  std::vector<Bucket> buckets;
  BitReader description(body);
  if (!read_bucket_tree(description, header_.height, buckets)) return false;
  Frequencies frequencies;
  if (buckets.size() > 1 && !get_frequencies(description, buckets.size(), frequencies)) return false;
  ByteReader rest(body.substr(description.bytes_used()));
  const PlaceCodes codes(buckets);
  code_ = codes.all().front();
  if (buckets.size() > 1) {
    buckets_.emplace(rest, count - header_.order, frequencies, codes.all());
    if (!buckets_->ok()) return false;
  }
  places_.emplace(rest.bytes(rest.remaining()), buckets, codes);
  return true;
}

std::size_t IntegerReader::next(std::span<std::int64_t> values) noexcept {
  std::int64_t* at = values.data();
  for (; seeds_left_ > 0; --seeds_left_, --left_) {
    // What stands before the first kept number: the first value, and with order 2 the second.
    if (seeds_left_ < header_.order) sums_.sum += sums_.step;
    *at++ = static_cast<std::int64_t>(restoring_.least + restoring_.unit * sums_.sum);
  }
  const std::size_t count = std::min(left_, PlaceReader::run_max);
  assert(static_cast<std::size_t>(at - values.data()) + count <= values.size());
  // Signed and unsigned numbers may stand in for each other in memory.
  const std::span<std::uint64_t> numbers(reinterpret_cast<std::uint64_t*>(at), count);
  left_ -= count;
  if (header_.height == 0) {
    next_floor(numbers);
  } else {
    if (buckets_) {
      buckets_->decode(numbers);
    } else {
      std::fill(numbers.begin(), numbers.end(), code_);
    }
    if (!places_->read(numbers)) return 0;
    restore(restoring_, sums_, numbers);
  }
  if (left_ == 0 && buckets_ && !buckets_->at_end()) return 0;
  return static_cast<std::size_t>(at - values.data()) + count;
}

/// All that is kept is the floor: equal values, equal distances (most times are so), or ones that grow equally.
void IntegerReader::next_floor(std::span<std::uint64_t> numbers) noexcept {
  const std::uint64_t floor = header_.floor * header_.unit;
  if (header_.order == 0) return std::fill(numbers.begin(), numbers.end(), restoring_.least + floor);
  if (header_.order == 1) {
    progress(restoring_.least + header_.unit * sums_.sum + floor, floor, numbers);
    sums_.sum += header_.floor * numbers.size();
    return;
  }
  std::fill(numbers.begin(), numbers.end(), 0);
  restore(restoring_, sums_, numbers);
}

}  // namespace iot::store

#include "store/embedded/decode_loops.h"

#include <algorithm>

#include "base/bytes.h"

// This file is compiled once for each kind of processor: Highway's foreach_target.h includes it again and again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "store/embedded/decode_loops.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

// Below four numbers at once nothing is gained. Vectors whose size is not known here are left to others.
#undef IOT_WIDE_VECTORS
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
#define IOT_WIDE_VECTORS 1
#else
#define IOT_WIDE_VECTORS 0
#endif

HWY_BEFORE_NAMESPACE();
namespace iot::store {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

std::uint64_t place_at(const char* bytes, std::size_t position, unsigned bits) {
  return load_little<std::uint64_t>(bytes + position / 8) >> position % 8 & ((std::uint64_t{1} << bits) - 1);
}

std::size_t add_places_singly(const char* bytes, std::size_t position, std::span<std::uint64_t> numbers) {
  for (std::uint64_t& number : numbers) {
    const auto bits = static_cast<unsigned>(number & 0xFF);
    number = (number >> packed_width_bits) + place_at(bytes, position, bits);
    position += bits;
  }
  return position;
}

void restore_singly(const Restoring& how, Sums& sums, std::span<std::uint64_t> numbers) {
  Sums at = sums;
  switch (how.order) {
    case 0:
      for (std::uint64_t& number : numbers) number = how.least + how.unit * (number + how.floor);
      break;
    case 1:
      for (std::uint64_t& number : numbers) number = how.least + how.unit * (at.sum += number + how.floor);
      break;
    default:
      for (std::uint64_t& number : numbers) {
        at.step += number + how.floor;
        number = how.least + how.unit * (at.sum += at.step);
      }
  }
  sums = at;
}

#if IOT_WIDE_VECTORS

const hn::ScalableTag<std::uint64_t> numbers_tag;
using Numbers = hn::Vec<decltype(numbers_tag)>;
constexpr std::size_t lanes = HWY_MAX_BYTES / sizeof(std::uint64_t);

/// Adds to each lane all those before it.
class Adder {
 public:
  Adder() {
    for (std::size_t distance = 1, i = 0; distance < lanes; distance *= 2, ++i) {
      HWY_ALIGN std::uint64_t from[lanes];
      for (std::size_t lane = 0; lane < lanes; ++lane) from[lane] = lane < distance ? 0 : lane - distance;
      from_[i] = hn::SetTableIndices(numbers_tag, from);
      has_[i] = hn::Not(hn::FirstN(numbers_tag, distance));
    }
    HWY_ALIGN std::uint64_t last[lanes];
    std::fill_n(last, lanes, lanes - 1);
    last_ = hn::SetTableIndices(numbers_tag, last);
  }

  HWY_INLINE Numbers up_to_each(Numbers numbers) const {
    for (std::size_t i = 0; i < steps; ++i) {
      numbers = hn::Add(numbers, hn::IfThenElseZero(has_[i], hn::TableLookupLanes(numbers, from_[i])));
    }
    return numbers;
  }
  /// The last lane in each.
  HWY_INLINE Numbers last(Numbers numbers) const { return hn::TableLookupLanes(numbers, last_); }

 private:
  static constexpr std::size_t steps = lanes == 4 ? 2 : 3;
  static_assert(std::size_t{1} << steps == lanes);
  decltype(hn::SetTableIndices(numbers_tag, static_cast<const std::uint64_t*>(nullptr))) from_[steps], last_;
  hn::Mask<decltype(numbers_tag)> has_[steps];
};

/// How the bits of as many places as there are lanes are fetched.
enum class Fetch {
  one_word,   ///< They are all in eight bytes.
  two_words,  ///< Each half is.
  each,       ///< Each has eight bytes of its own.
};

template <Fetch fetch>
std::size_t add_places_by(const char* bytes, std::size_t position, std::span<std::uint64_t> numbers) {
  const Adder adder;
  const Numbers ones = hn::Set(numbers_tag, ~std::uint64_t{0});
  const auto lower_half = hn::FirstN(numbers_tag, lanes / 2);
  std::size_t i = 0;
  for (; i + lanes <= numbers.size(); i += lanes) {
    const Numbers packed = hn::LoadU(numbers_tag, &numbers[i]);
    const Numbers widths = hn::And(packed, hn::Set(numbers_tag, 0xFF));
    const Numbers ends = adder.up_to_each(widths);
    const Numbers starts = hn::Sub(ends, widths);
    HWY_ALIGN std::uint64_t end[lanes];
    hn::Store(ends, numbers_tag, end);
    Numbers words;
    if constexpr (fetch == Fetch::one_word) {
      const std::uint64_t word = load_little<std::uint64_t>(bytes + position / 8) >> position % 8;
      words = hn::Shr(hn::Set(numbers_tag, word), starts);
    } else if constexpr (fetch == Fetch::two_words) {
      const std::uint64_t word = load_little<std::uint64_t>(bytes + position / 8) >> position % 8;
      const std::size_t middle = position + end[lanes / 2 - 1];
      const std::uint64_t next = load_little<std::uint64_t>(bytes + middle / 8) >> middle % 8;
      const Numbers from_middle = hn::Sub(starts, hn::Set(numbers_tag, end[lanes / 2 - 1]));
      words = hn::Shr(hn::IfThenElse(lower_half, hn::Set(numbers_tag, word), hn::Set(numbers_tag, next)),
                      hn::IfThenElse(lower_half, starts, from_middle));
    } else {
      const Numbers bits = hn::Add(starts, hn::Set(numbers_tag, position));
      HWY_ALIGN std::uint64_t byte[lanes];
      hn::Store(hn::ShiftRight<3>(bits), numbers_tag, byte);
      HWY_ALIGN std::uint64_t word[lanes];
      for (std::size_t lane = 0; lane < lanes; ++lane) word[lane] = load_little<std::uint64_t>(bytes + byte[lane]);
      words = hn::Shr(hn::Load(numbers_tag, word), hn::And(bits, hn::Set(numbers_tag, 7)));
    }
    position += end[lanes - 1];
    const Numbers places = hn::AndNot(hn::Shl(ones, widths), words);
    hn::StoreU(hn::Add(hn::ShiftRight<packed_width_bits>(packed), places), numbers_tag, &numbers[i]);
  }
  return add_places_singly(bytes, position, numbers.subspan(i));
}

template <unsigned order, bool has_unit>
void restore_by(const Restoring& how, Sums& sums, std::span<std::uint64_t> numbers) {
  const Adder adder;
  const Numbers floor = hn::Set(numbers_tag, how.floor);
  const Numbers unit = hn::Set(numbers_tag, how.unit);
  const Numbers least = hn::Set(numbers_tag, how.least);
  Numbers sum = hn::Set(numbers_tag, sums.sum);
  Numbers step = hn::Set(numbers_tag, sums.step);
  std::size_t i = 0;
  for (; i + lanes <= numbers.size(); i += lanes) {
    Numbers values = hn::Add(hn::LoadU(numbers_tag, &numbers[i]), floor);
    if constexpr (order == 2) {
      values = hn::Add(adder.up_to_each(values), step);
      step = adder.last(values);
    }
    if constexpr (order >= 1) {
      values = hn::Add(adder.up_to_each(values), sum);
      sum = adder.last(values);
    }
    if constexpr (has_unit) values = hn::Mul(values, unit);
    hn::StoreU(hn::Add(values, least), numbers_tag, &numbers[i]);
  }
  sums = {hn::GetLane(sum), hn::GetLane(step)};
  restore_singly(how, sums, numbers.subspan(i));
}

template <unsigned order>
void restore_order(const Restoring& how, Sums& sums, std::span<std::uint64_t> numbers) {
  // Most columns have no unit, and then need no multiplication.
  how.unit == 1 ? restore_by<order, false>(how, sums, numbers) : restore_by<order, true>(how, sums, numbers);
}

#endif

std::size_t AddPlaces(const char* bytes, std::size_t position, unsigned bits_max, std::span<std::uint64_t> numbers) {
#if IOT_WIDE_VECTORS
  if (bits_max * lanes <= packed_bits_max) return add_places_by<Fetch::one_word>(bytes, position, numbers);
  if (bits_max * lanes / 2 <= packed_bits_max) return add_places_by<Fetch::two_words>(bytes, position, numbers);
  return add_places_by<Fetch::each>(bytes, position, numbers);
#else
  static_cast<void>(bits_max);
  return add_places_singly(bytes, position, numbers);
#endif
}

void Restore(const Restoring& how, Sums& sums, std::span<std::uint64_t> numbers) {
#if IOT_WIDE_VECTORS
  if (how.order == 0) return restore_order<0>(how, sums, numbers);
  if (how.order == 1) return restore_order<1>(how, sums, numbers);
  return restore_order<2>(how, sums, numbers);
#else
  restore_singly(how, sums, numbers);
#endif
}

void Progress(std::uint64_t first, std::uint64_t step, std::span<std::uint64_t> numbers) {
  std::size_t i = 0;
#if IOT_WIDE_VECTORS
  HWY_ALIGN std::uint64_t begin[lanes];
  for (std::size_t lane = 0; lane < lanes; ++lane) begin[lane] = first + lane * step;
  Numbers next = hn::Load(numbers_tag, begin);
  const Numbers stride = hn::Set(numbers_tag, lanes * step);
  for (; i + lanes <= numbers.size(); i += lanes) {
    hn::StoreU(next, numbers_tag, &numbers[i]);
    next = hn::Add(next, stride);
  }
#endif
  for (; i < numbers.size(); ++i) numbers[i] = first + i * step;
}

void Divide(std::span<const std::int64_t> integers, double power, double* values) {
  std::size_t i = 0;
#if IOT_WIDE_VECTORS
  const hn::ScalableTag<double> reals_tag;
  const auto shifter = hn::Set(reals_tag, decimal_shifter);
  const auto shifter_bits = hn::BitCast(numbers_tag, shifter);
  const auto divisor = hn::Set(reals_tag, power);
  for (; i + lanes <= integers.size(); i += lanes) {
    const auto integer = hn::LoadU(numbers_tag, reinterpret_cast<const std::uint64_t*>(&integers[i]));
    const auto real = hn::Sub(hn::BitCast(reals_tag, hn::Add(integer, shifter_bits)), shifter);
    hn::StoreU(hn::Div(real, divisor), reals_tag, values + i);
  }
#endif
  for (; i < integers.size(); ++i) values[i] = decimal_integer(integers[i]) / power;
}

const char* Target() {
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace iot::store
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace iot::store {

HWY_EXPORT(AddPlaces);
HWY_EXPORT(Restore);
HWY_EXPORT(Progress);
HWY_EXPORT(Divide);
HWY_EXPORT(Target);

std::size_t add_places(const char* bytes, std::size_t position, unsigned bits_max, std::span<std::uint64_t> numbers) {
  return HWY_DYNAMIC_DISPATCH(AddPlaces)(bytes, position, bits_max, numbers);
}

void restore(const Restoring& how, Sums& sums, std::span<std::uint64_t> numbers) {
  HWY_DYNAMIC_DISPATCH(Restore)(how, sums, numbers);
}

void progress(std::uint64_t first, std::uint64_t step, std::span<std::uint64_t> numbers) {
  HWY_DYNAMIC_DISPATCH(Progress)(first, step, numbers);
}

void divide(std::span<const std::int64_t> integers, double power, double* values) {
  HWY_DYNAMIC_DISPATCH(Divide)(integers, power, values);
}

const char* decode_target() {
  return HWY_DYNAMIC_DISPATCH(Target)();
}

}  // namespace iot::store

#endif

#include "store/embedded/decimal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "store/embedded/decode_loops.h"

namespace iot::store {
namespace {

constexpr std::array<double, decimal_scale_max + 1> powers_of_ten = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// Integers up to this, less one, are added to decimal_shifter without losing a bit.
constexpr double integer_end = 2251799813685248.0;
constexpr auto shifter_bits = std::bit_cast<std::int64_t>(decimal_shifter);

/// A correction of a few units in the last place tells of a decimal only while decimals lie much further apart than
/// that.
constexpr std::int64_t correction_max = 8;
constexpr double corrected_integer_max = integer_end / 256;

/// The search looks no further: with more decimals a double has hardly a digit before the point.
constexpr unsigned searched_scale_max = 17;
constexpr std::size_t scale_sample = 128;
/// What one more decimal costs every number, and what a number that does not fit costs, in bits.
constexpr double bits_per_decimal = 3.3;
constexpr double bits_per_misfit = 60;
/// With more misfits than this share, the numbers' own bits are cheaper.
constexpr double misfit_share_max = 0.25;

template <RealWidth width>
std::int64_t bits_of(double value) noexcept {
  if constexpr (width == RealWidth::float32) return std::bit_cast<std::int32_t>(static_cast<float>(value));
  return std::bit_cast<std::int64_t>(value);
}

template <RealWidth width>
double real_of(std::int64_t bits) noexcept {
  if constexpr (width == RealWidth::float32) return std::bit_cast<float>(static_cast<std::int32_t>(bits));
  return std::bit_cast<double>(bits);
}

/// Both ways wrap around, so that the sum is exact whatever the terms.
std::int64_t minus(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

template <RealWidth width>
bool is_decimal(double value, unsigned scale) noexcept {
  const double integer = std::nearbyint(value * powers_of_ten[scale]);
  if (!(std::fabs(integer) < integer_end)) return false;
  const std::int64_t correction = minus(bits_of<width>(value), bits_of<width>(integer / powers_of_ten[scale]));
  if (correction == 0) return true;
  // A float has 24 bits: it is never more than a decimal rounded, without the sums that go wrong in a double.
  return width == RealWidth::float64 && correction >= -correction_max && correction <= correction_max &&
         std::fabs(integer) <= corrected_integer_max && integer != 0;
}

template <RealWidth width>
std::optional<unsigned> find_scale(std::span<const double> values) {
  std::array<std::uint32_t, searched_scale_max + 1> first_fit{};
  std::size_t seen = 0;
  const std::size_t stride = std::max<std::size_t>(1, values.size() / scale_sample);
  // Numbers in a row mostly have as many decimals.
  unsigned scale = 0;
  for (std::size_t i = 0; i < values.size(); i += stride, ++seen) {
    while (scale > 0 && is_decimal<width>(values[i], scale - 1)) --scale;
    while (scale <= searched_scale_max && !is_decimal<width>(values[i], scale)) ++scale;
    if (scale <= searched_scale_max) ++first_fit[scale];
    if (scale > searched_scale_max) scale = 0;
  }
  std::optional<unsigned> best;
  double best_bits = std::numeric_limits<double>::max();
  std::size_t fitting = 0;
  for (unsigned k = 0; k <= searched_scale_max; ++k) {
    fitting += first_fit[k];
    const double misfits = static_cast<double>(seen - fitting) / static_cast<double>(seen);
    const double bits = bits_per_decimal * k + bits_per_misfit * misfits;
    if (misfits > misfit_share_max || bits >= best_bits) continue;
    best = k;
    best_bits = bits;
  }
  return best;
}

template <RealWidth width>
bool split(std::span<const double> values, double power, std::int64_t* integers, std::int64_t* corrections) {
  std::int64_t any = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double scaled = values[i] * power;
    // What does not fit is all correction.
    const double fitting = std::fabs(scaled) < integer_end - 1 ? scaled : 0.0;
    const std::int64_t integer = minus(std::bit_cast<std::int64_t>(fitting + decimal_shifter), shifter_bits);
    integers[i] = integer;
    corrections[i] = minus(bits_of<width>(values[i]), bits_of<width>(decimal_integer(integer) / power));
    any |= corrections[i];
  }
  return any != 0;
}

template <RealWidth width>
void correct(std::span<const std::int64_t> corrections, double* values) {
  for (std::size_t i = 0; i < corrections.size(); ++i) {
    values[i] = real_of<width>(plus(bits_of<width>(values[i]), corrections[i]));
  }
}

/// Turns the bits of negative numbers around, so that integers are ordered as numbers are; its own reverse.
std::int64_t order_bits(std::int64_t bits) noexcept {
  return bits ^ ((bits >> 63) & INT64_MAX);
}

}  // namespace

bool all_float32(std::span<const double> values) noexcept {
  return std::all_of(values.begin(), values.end(), [](double value) {
    // Narrowing a signalling NaN or what is too large is no round trip either, so the bits decide.
    if (std::fabs(value) > std::numeric_limits<float>::max()) return false;
    return std::bit_cast<std::int64_t>(static_cast<double>(static_cast<float>(value))) ==
           std::bit_cast<std::int64_t>(value);
  });
}

std::optional<unsigned> find_decimal_scale(std::span<const double> values, RealWidth width) {
  return width == RealWidth::float32 ? find_scale<RealWidth::float32>(values) : find_scale<RealWidth::float64>(values);
}

bool to_decimals(std::span<const double> values, RealWidth width, unsigned scale, std::span<std::int64_t> integers,
                 std::span<std::int64_t> corrections) {
  assert(scale <= decimal_scale_max && integers.size() == values.size() && corrections.size() == values.size());
  const double power = powers_of_ten[scale];
  return width == RealWidth::float32 ? split<RealWidth::float32>(values, power, integers.data(), corrections.data())
                                     : split<RealWidth::float64>(values, power, integers.data(), corrections.data());
}

void from_decimals(std::span<const std::int64_t> integers, RealWidth width, unsigned scale, std::span<double> values) {
  assert(scale <= decimal_scale_max && integers.size() == values.size());
  divide(integers, powers_of_ten[scale], values.data());
  if (width == RealWidth::float64) return;
  for (double& value : values) value = static_cast<double>(static_cast<float>(value));
}

void correct_decimals(std::span<const std::int64_t> corrections, RealWidth width, std::span<double> values) {
  assert(corrections.size() == values.size());
  width == RealWidth::float32 ? correct<RealWidth::float32>(corrections, values.data())
                              : correct<RealWidth::float64>(corrections, values.data());
}

void to_ordered_bits(std::span<const double> values, RealWidth width, std::span<std::int64_t> bits) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (width == RealWidth::float64) {
      bits[i] = order_bits(bits_of<RealWidth::float64>(values[i]));
    } else {
      const std::int64_t narrow = bits_of<RealWidth::float32>(values[i]);
      bits[i] = narrow ^ ((narrow >> 63) & INT32_MAX);
    }
  }
}

void from_ordered_bits(std::span<const std::int64_t> bits, RealWidth width, std::span<double> values) {
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (width == RealWidth::float64) {
      values[i] = real_of<RealWidth::float64>(order_bits(bits[i]));
    } else {
      const auto narrow = static_cast<std::int32_t>(bits[i]);
      values[i] = real_of<RealWidth::float32>(narrow ^ ((narrow >> 31) & INT32_MAX));
    }
  }
}

}  // namespace iot::store

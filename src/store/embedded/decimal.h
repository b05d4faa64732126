// Floating-point numbers as what they were before they became binary: an integer over a power of ten, and where that is
// not quite the number (sums and means of decimals miss them by a few units in the last place), a correction. Any 64
// bits come back: what is no decimal at all is all correction.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace iot::store {

/// How a number is stored where it comes from, which decides what is nearest to a decimal.
enum class RealWidth : std::uint8_t { float64 = 0, float32 = 1 };

/// 10^22 is the largest power of ten that a double holds exactly.
inline constexpr unsigned decimal_scale_max = 22;

/// True if every value is a float that was widened.
bool all_float32(std::span<const double> values) noexcept;

/// The number of decimals in which the values, judged by some of them, take the fewest bits; nothing if too many of
/// them are no decimals.
std::optional<unsigned> find_decimal_scale(std::span<const double> values, RealWidth width);

/// values[i] = the bits of (integers[i] / 10^scale, rounded to `width`) plus corrections[i]. True if any correction is
/// not 0. For RealWidth::float32 all values must be widened floats, and corrections count in floats.
bool to_decimals(std::span<const double> values, RealWidth width, unsigned scale, std::span<std::int64_t> integers,
                 std::span<std::int64_t> corrections);

/// The reverse, in two steps; the second only where a correction is not 0. `scale` is at most decimal_scale_max.
void from_decimals(std::span<const std::int64_t> integers, RealWidth width, unsigned scale, std::span<double> values);
void correct_decimals(std::span<const std::int64_t> corrections, RealWidth width, std::span<double> values);

/// The bits of the values as integers in the order of the values, for numbers that are no decimals. For
/// RealWidth::float32 all values must be widened floats.
void to_ordered_bits(std::span<const double> values, RealWidth width, std::span<std::int64_t> bits);
void from_ordered_bits(std::span<const std::int64_t> bits, RealWidth width, std::span<double> values);

}  // namespace iot::store

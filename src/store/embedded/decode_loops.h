// The loops over decoded numbers, each in several versions for what processors have (256 or 512 bits at once, or only a
// number at a time); the best that runs here is picked when the first is called. All give the same bits.
//
// For loops that the compiler vectorizes by itself see base/also_for_avx2.h. Values in, values out; any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace iot::store {

/// Which bucket a number is in: the bucket's lower end and its width, in one word. For widths up to packed_bits_max and
/// lower ends below 2^packed_lower_bits.
inline constexpr unsigned packed_width_bits = 8;
inline constexpr unsigned packed_lower_bits = 64 - packed_width_bits;
/// What eight bytes hold, wherever in the first of them it begins.
inline constexpr unsigned packed_bits_max = 57;
constexpr std::uint64_t pack_bucket(std::uint64_t lower, unsigned bits) noexcept {
  return lower << packed_width_bits | bits;
}

/// Turns packed buckets into numbers: lower end plus the place, which is the bucket's width of bits from `bytes`,
/// starting at bit `position`. Returns the position behind the last. No bucket is wider than `bits_max`, at most
/// packed_bits_max; 8 bytes more than the places take must be readable.
std::size_t add_places(const char* bytes, std::size_t position, unsigned bits_max, std::span<std::uint64_t> numbers);

/// Where the sums over differences stand.
struct Sums {
  std::uint64_t sum = 0;
  std::uint64_t step = 0;  ///< Of order 2: the last difference.
};

/// Turns what is kept of numbers into values: with `order` 0, 1 or 2, as many times each becomes the sum of those up to
/// it; before that `floor` is added to each, and in the end each is multiplied by `unit`, and `least` is added.
struct Restoring {
  unsigned order = 0;
  std::uint64_t floor = 0;
  std::uint64_t unit = 1;
  std::uint64_t least = 0;
};
void restore(const Restoring& how, Sums& sums, std::span<std::uint64_t> numbers);

/// numbers[i] = first + i * step.
void progress(std::uint64_t first, std::uint64_t step, std::span<std::uint64_t> numbers);

/// Integers below 2^51 as doubles; others give another number, the same each time. That is but two additions, for which
/// every processor has instructions on several numbers: the last bits of the sum with 1.5 * 2^52 are the integer.
inline constexpr double decimal_shifter = 6755399441055744.0;
inline double decimal_integer(std::int64_t integer) noexcept {
  constexpr auto shifter_bits = std::bit_cast<std::uint64_t>(decimal_shifter);
  return std::bit_cast<double>(static_cast<std::uint64_t>(integer) + shifter_bits) - decimal_shifter;
}

/// values[i] = decimal_integer(integers[i]) / power.
void divide(std::span<const std::int64_t> integers, double power, double* values);

/// The name of the processor kind whose loops are picked.
const char* decode_target();

}  // namespace iot::store

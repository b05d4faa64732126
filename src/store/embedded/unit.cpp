#include "store/embedded/unit.h"

#include <bit>
#include <numeric>

namespace iot::store {
namespace {

/// Divides by one divisor, exactly: a multiplication with its inverse modulo 2^64 (H. Warren, "Hacker's Delight",
/// 10-16).
class ExactDivisor {
 public:
  explicit ExactDivisor(std::uint64_t divisor) noexcept
      : zeros_(static_cast<unsigned>(std::countr_zero(divisor))), quotient_max_(~0ULL / divisor) {
    const std::uint64_t odd = divisor >> zeros_;
    // Newton's iteration doubles the right bits each time, from three on: 3, 6, 12, 24, 48, 96.
    inverse_ = odd;
    for (int i = 0; i < 5; ++i) inverse_ *= 2 - odd * inverse_;
  }

  /// The quotient of a multiple. A number that is none gives one above quotient_max().
  std::uint64_t quotient(std::uint64_t number) const noexcept {
    return std::rotr(number * inverse_, static_cast<int>(zeros_));
  }
  bool divides(std::uint64_t number) const noexcept { return quotient(number) <= quotient_max_; }

 private:
  unsigned zeros_;
  std::uint64_t inverse_;
  std::uint64_t quotient_max_;
};

}  // namespace

std::uint64_t divide_by_common_unit(std::span<std::uint64_t> numbers) {
  std::uint64_t unit = 0;
  // Most columns have no unit, and the first few numbers show it.
  std::size_t i = 0;
  while (i < numbers.size() && unit == 0) unit = numbers[i++];
  if (unit == 0) return 1;
  ExactDivisor divisor(unit);
  for (; i < numbers.size() && unit != 1; ++i) {
    if (divisor.divides(numbers[i])) continue;
    unit = std::gcd(unit, numbers[i]);
    divisor = ExactDivisor(unit);
  }
  if (unit == 1) return 1;
  for (std::uint64_t& number : numbers) number = divisor.quotient(number);
  return unit;
}

}  // namespace iot::store

// The common unit of a column of numbers: 300 for 0, 600, 900.
#pragma once

#include <cstdint>
#include <span>

namespace iot::store {

/// The greatest common divisor of all numbers, by which they are then divided; 1, and nothing is changed, if there is
/// none larger or all are 0.
std::uint64_t divide_by_common_unit(std::span<std::uint64_t> numbers);

}  // namespace iot::store

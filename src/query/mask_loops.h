// Loops over a block's values and the mask of those that match: what a filter without a summary's help spends its time
// in, so compiled for wide vectors too.
//
// Values in, values out; a mask has a byte of 0 or 1 for each place.
#pragma once

#include <cstddef>
#include <cstdint>

namespace iot::query {

/// Clears the places whose value is not in [low, high].
void clear_outside(const double* values, std::size_t size, double low, double high, std::uint8_t* mask);
void clear_outside(const std::int64_t* values, std::size_t size, std::int64_t low, std::int64_t high,
                   std::uint8_t* mask);

std::size_t count_set(const std::uint8_t* mask, std::size_t size);

/// Writes the places that are set to `list`, which has room for `size`, and gives their number.
std::size_t list_set(const std::uint8_t* mask, std::size_t size, std::uint32_t* list);

}  // namespace iot::query

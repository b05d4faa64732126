#include "query/mask_loops.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/also_for_avx2.h"

namespace iot::query {
namespace {

/// The places of the bits that are set in each byte, lowest first.
constexpr auto places_of_bits = [] {
  std::array<std::array<std::uint8_t, 8>, 256> table{};
  for (std::size_t bits = 0; bits < table.size(); ++bits) {
    std::size_t count = 0;
    for (std::uint8_t bit = 0; bit < 8; ++bit) {
      if ((bits >> bit & 1) != 0) table[bits][count++] = bit;
    }
  }
  return table;
}();

template <class Value>
[[gnu::always_inline]] inline void clear_outside_of(const Value* values, std::size_t size, Value low, Value high,
                                                    std::uint8_t* mask) {
  for (std::size_t i = 0; i < size; ++i) {
    mask[i] = static_cast<std::uint8_t>(mask[i] & ((values[i] >= low) & (values[i] <= high)));
  }
}

}  // namespace

IOT_ALSO_FOR_AVX2 void clear_outside(const double* values, std::size_t size, double low, double high,
                                     std::uint8_t* mask) {
  clear_outside_of(values, size, low, high, mask);
}

IOT_ALSO_FOR_AVX2 void clear_outside(const std::int64_t* values, std::size_t size, std::int64_t low, std::int64_t high,
                                     std::uint8_t* mask) {
  clear_outside_of(values, size, low, high, mask);
}

IOT_ALSO_FOR_AVX2 std::size_t count_set(const std::uint8_t* mask, std::size_t size) {
  // As many bytes as a byte can count, in each lane of a vector; then their sum.
  constexpr std::size_t lanes = 64;
  constexpr std::size_t rounds_max = 255;
  std::size_t count = 0;
  std::size_t at = 0;
  while (size - at >= lanes) {
    std::uint8_t sums[lanes] = {};
    const std::size_t rounds = std::min((size - at) / lanes, rounds_max);
    for (std::size_t round = 0; round < rounds; ++round, at += lanes) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        sums[lane] = static_cast<std::uint8_t>(sums[lane] + mask[at + lane]);
      }
    }
    for (const std::uint8_t sum : sums) count += sum;
  }
  for (; at < size; ++at) count += mask[at];
  return count;
}

IOT_ALSO_FOR_AVX2 std::size_t list_set(const std::uint8_t* mask, std::size_t size, std::uint32_t* list) {
  constexpr std::size_t step = 8;
  // Moves the lowest bit of byte k to bit 56 + k.
  constexpr std::uint64_t gather = 0x0102040810204080;
  std::size_t count = 0;
  std::size_t at = 0;
  // No branch: eight places are written, and those that are set kept. `count` is at most `at`, so there is room.
  for (; at + step <= size; at += step) {
    std::uint64_t word = 0;
    std::memcpy(&word, mask + at, step);
    const auto bits = static_cast<std::size_t>(word * gather >> 56);
    const auto& places = places_of_bits[bits];
    for (std::size_t i = 0; i < step; ++i) list[count + i] = static_cast<std::uint32_t>(at + places[i]);
    count += static_cast<std::size_t>(std::popcount(bits));
  }
  for (; at < size; ++at) {
    list[count] = static_cast<std::uint32_t>(at);
    count += mask[at];
  }
  return count;
}

}  // namespace iot::query

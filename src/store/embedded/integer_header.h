// What stands before the numbers of a column of integers: the transform, and how frequent the buckets are. Byte by
// byte: docs/formats/chunk.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "store/embedded/bits.h"
#include "store/embedded/rans.h"

namespace iot::store {

/// What is kept of the numbers: themselves, their differences, the differences of these. Part of the format.
inline constexpr unsigned order_max = 2;

/// The transform.
struct IntegerHeader {
  std::uint64_t least = 0;  ///< The smallest value, less the origin.
  std::uint64_t unit = 1;   ///< Values are least + unit * number.
  unsigned order = 0;
  std::array<std::uint64_t, order_max> seeds{};  ///< What the sums over differences begin with.
  std::uint64_t floor = 0;                       ///< The smallest of what is kept, as a signed number.
  unsigned height = 0;                           ///< What is kept, less the floor, is below 2^height.
};

void put_integer_header(std::string& out, const IntegerHeader& header);

/// Nothing if the bytes are damaged.
std::optional<IntegerHeader> get_integer_header(ByteReader& in);

void put_frequencies(BitWriter& out, const Frequencies& frequencies);

/// False if the bytes are damaged; `frequencies` are valid else.
bool get_frequencies(BitReader& in, std::size_t symbols, Frequencies& frequencies);

}  // namespace iot::store

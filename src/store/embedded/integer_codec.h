// A column of 64-bit integers as few bytes: the one codec behind times, scaled decimals, corrections, floating-point
// bits, integers, booleans, text lengths and dictionary indices. Byte by byte: docs/formats/chunk.md.
//
// What a column consists of: its least value and common unit; then values, their differences or the differences of
// these, whichever is cheapest; and those as buckets (store/embedded/buckets.h) with rANS. A constant column, or times
// at equal distances, take no bytes at all per value. Any values come back exactly; arithmetic is modulo 2^64.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "store/embedded/effort.h"

namespace iot::store {

/// Appends the encoded column. `origin` is a value near the smallest that the reader knows too (0 if there is none).
void encode_integers(std::span<const std::int64_t> values, std::int64_t origin, Effort effort, std::string& out);

/// Decodes as many values as there were, from the front of `in`. False if the bytes are damaged; `values` then hold
/// anything. For values that are turned into something else see store/embedded/integer_reader.h.
[[nodiscard]] bool decode_integers(ByteReader& in, std::int64_t origin, std::span<std::int64_t> values);

/// Goes past a column without decoding it. False if the bytes are damaged.
[[nodiscard]] bool skip_integers(ByteReader& in);

}  // namespace iot::store

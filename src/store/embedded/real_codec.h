// A column of floating-point numbers as columns of integers (store/embedded/integer_codec.h): scaled decimals with
// corrections, or the numbers' own bits in their order. All 64-bit patterns come back exactly.
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"
#include "store/embedded/effort.h"

namespace iot::store {

void encode_reals(std::span<const double> values, Effort effort, std::string& out);

/// Decodes as many values as there were, from the front of `in`. False if the bytes are damaged; `values` then hold
/// anything.
[[nodiscard]] bool decode_reals(ByteReader& in, std::span<double> values);

}  // namespace iot::store

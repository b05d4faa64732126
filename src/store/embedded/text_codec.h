// A column of byte strings: where few are different, those once and a column of indices; else all of them, with a
// column of lengths. Bytes are compressed with zstd where that makes them fewer.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "store/embedded/effort.h"

namespace iot::store {

void encode_texts(std::span<const std::string_view> texts, Effort effort, std::string& out);

/// Decodes as many texts as `texts` is long, from the front of `in`. They point into `bytes`, which is overwritten, and
/// stay valid when `bytes` is moved. False if the bytes are damaged or would be more than `bytes_max`; `texts` then
/// hold anything.
[[nodiscard]] bool decode_texts(ByteReader& in, std::size_t bytes_max, std::span<std::string_view> texts,
                                std::string& bytes);

}  // namespace iot::store

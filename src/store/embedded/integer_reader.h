// Reads a column of integers (store/embedded/integer_codec.h) a few hundred at a time, which stay in the processor's
// first cache while the caller makes of them what it needs. For a whole column of integers see decode_integers().
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "store/embedded/decode_loops.h"
#include "store/embedded/integer_header.h"
#include "store/embedded/place_reader.h"
#include "store/embedded/rans.h"

namespace iot::store {

/// Neither copied nor moved.
class IntegerReader {
 public:
  /// As many values as next() gives at most.
  static constexpr std::size_t run_max = PlaceReader::run_max + order_max;

  /// Takes the column of `count` values, at least one, from the front of `in`. False if the bytes are damaged. The
  /// bytes that `in` reads must outlive the reader. Once only.
  [[nodiscard]] bool open(ByteReader& in, std::int64_t origin, std::size_t count);

  /// Decodes the next values into the front of `values`, which must have room for run_max or for all that are left.
  /// Returns how many; 0 if the bytes are damaged, or if no values are left.
  [[nodiscard]] std::size_t next(std::span<std::int64_t> values) noexcept;

 private:
  void next_floor(std::span<std::uint64_t> numbers) noexcept;

  IntegerHeader header_;
  Restoring restoring_;
  Sums sums_;
  std::size_t left_ = 0;
  unsigned seeds_left_ = 0;
  std::uint64_t code_ = 0;  ///< Of the only bucket, where there is but one.
  std::optional<RansDecoder> buckets_;
  std::optional<PlaceReader> places_;
};

}  // namespace iot::store

// Columns of chunks that were decoded lately, kept within a bound of bytes, so that what is asked for again and again
// (the newest readings, a dashboard's range) is decoded once. Times and values apart: many queries need the values
// alone.
//
// Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "store/embedded/bounded_cache.h"
#include "store/embedded/merged_run.h"

namespace iot::store {

/// Readings that live as long as the keeper.
struct KeptSlice {
  Slice slice;
  std::shared_ptr<const void> keeper;
};

enum class Wanted { times_and_values, values };

class DecodedChunks {
 public:
  explicit DecodedChunks(std::size_t bytes_max);

  /// The readings of the chunk with this number, which no other chunk has or will have. `info` is what is known of it;
  /// `bytes` gives the chunk where it has to be decoded. Errc::damaged also where the chunk is another than `info`
  /// says.
  Result<KeptSlice> open(std::uint64_t sequence, const ChunkInfo& info, Wanted wanted,
                         const std::function<Result<std::string_view>()>& bytes);

  std::size_t bytes() const { return cache_.bytes(); }

 private:
  struct Column;
  using ColumnPtr = std::shared_ptr<const Column>;
  static Result<ColumnPtr> decode_times_of(const OpenChunk& chunk);
  static Result<ColumnPtr> decode_values_of(const OpenChunk& chunk);
  ColumnPtr keep(std::uint64_t key, ColumnPtr column);

  BoundedCache<std::uint64_t, ColumnPtr> cache_;
};

}  // namespace iot::store

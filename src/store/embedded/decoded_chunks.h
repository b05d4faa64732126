// Chunks that were decoded lately, kept within a bound of bytes, so that what is asked for again and again (the newest
// readings, a dashboard's range) is decoded once.
//
// Any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "store/embedded/bounded_cache.h"
#include "store/embedded/chunk.h"

namespace iot::store {

class DecodedChunks {
 public:
  explicit DecodedChunks(std::size_t bytes_max) : cache_(bytes_max) {}

  /// The readings of the chunk with this number, which no other chunk has or will have; `decode` fills in Columns where
  /// they are not here.
  template <class Decode>
  Result<std::shared_ptr<const Columns>> find_or_decode(std::uint64_t sequence, const Decode& decode) {
    if (auto found = cache_.find(sequence)) return found;
    auto columns = std::make_shared<Columns>();
    IOT_CHECK(decode(*columns));
    std::shared_ptr<const Columns> decoded = std::move(columns);
    cache_.offer(sequence, decoded, memory_bytes(*decoded));
    return decoded;
  }

  std::size_t bytes() const { return cache_.bytes(); }

 private:
  static std::size_t memory_bytes(const Columns& columns) noexcept {
    return sizeof(Columns) +
           8 * (columns.times_ns.capacity() + columns.reals.capacity() + columns.integers.capacity()) +
           sizeof(std::string_view) * columns.texts.capacity() + columns.text_bytes.capacity();
  }

  BoundedCache<std::uint64_t, std::shared_ptr<const Columns>> cache_;
};

}  // namespace iot::store

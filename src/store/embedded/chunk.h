// A chunk: some hundreds to tens of thousands of one sensor's readings, sorted, distinct and compressed; what lies in
// RocksDB as a value. Byte by byte: docs/formats/chunk.md.
//
// Values in, values out: no I/O, any thread. Damage is found by a checksum before anything of the chunk is believed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/mapping.h"
#include "store/embedded/effort.h"
#include "store/reading_store.h"

namespace iot::store {

/// What a chunk may hold, so that a reader knows what it may have to allocate.
inline constexpr std::size_t chunk_readings_max = std::size_t{1} << 20;
inline constexpr std::size_t chunk_text_bytes_max = std::size_t{64} << 20;

/// One sensor's readings in columns. Of the value columns only that of column_kind(mapping) is filled.
struct Columns {
  model::MappingType mapping = model::MappingType::double_precision;
  std::vector<std::int64_t> times_ns;
  std::vector<double> reals;
  std::vector<std::int64_t> integers;
  std::vector<std::string_view> texts;
  /// What `texts` views point into, where the columns own them.
  std::string text_bytes;

  std::size_t size() const noexcept { return times_ns.size(); }
  void clear() noexcept;
};

/// Sorts by time and then by value (reals by IEEE total order, so that -0.0 and 0.0 are two values; texts by bytes) and
/// drops readings that are the same in both. What store and query call "the order of a sensor's readings".
void sort_and_merge(Columns& columns);

struct ChunkInfo {
  std::uint8_t format = 0;
  model::MappingType mapping = model::MappingType::double_precision;
  /// Exact for what the chunk holds. Whether other chunks overlap it is for the store to know.
  Summary summary;
};

/// The encoded chunk. `columns` must be sorted and distinct (sort_and_merge), not empty, and within the two limits
/// above.
std::string encode_chunk(const Columns& columns, Effort effort = Effort::fast);

/// What the header says, without decoding the columns. The header has a checksum of its own. Errc::damaged,
/// Errc::newer_format.
Result<ChunkInfo> read_chunk_info(std::string_view chunk);

/// A chunk whose body is sound, so that its columns can be decoded one at a time, in any order and as often as is
/// wanted. Valid as long as the chunk's bytes.
struct OpenChunk {
  ChunkInfo info;
  std::string_view times;   ///< The encoded column.
  std::string_view values;  ///< The encoded column.

  std::size_t size() const noexcept { return info.summary.count; }
  model::ColumnKind kind() const noexcept { return model::column_kind(info.mapping); }
};

/// Compares both checksums and finds the columns. Errc::damaged, Errc::newer_format.
Result<OpenChunk> open_chunk(std::string_view chunk);

/// These decode one column into as many places as the chunk has readings; what they held before is of no matter, and
/// need not be set. The values' type must be the one for chunk.kind(). Errc::damaged; the places then hold anything.
Result<void> decode_times(const OpenChunk& chunk, std::span<std::int64_t> times_ns);
Result<void> decode_values(const OpenChunk& chunk, std::span<double> reals);
Result<void> decode_values(const OpenChunk& chunk, std::span<std::int64_t> integers);
/// The texts point into `bytes`, also after it was moved, but not after it was copied.
Result<void> decode_values(const OpenChunk& chunk, std::span<std::string_view> texts, std::string& bytes);

/// Decodes all columns; what `columns` held before is gone, but its memory is used again, which saves time: keep it for
/// the next chunk. `columns.texts` point into `columns.text_bytes`, also after `columns` was moved, but not after it
/// was copied. Errc::damaged, Errc::newer_format; `columns` is then empty.
Result<void> decode_chunk(std::string_view chunk, Columns& columns);

}  // namespace iot::store

// Where a chunk lies on disk and what is known of it: the keys and the index values of the chunk database, byte by byte
// in docs/formats/chunk-database.md. Values in, values out.
//
// Two keys for a chunk: a small index entry, which lists and aggregations read, and the chunk itself, which is read
// when its readings are wanted. A chunk of a few hundred bytes lies inside its index entry.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "log/event_log.h"
#include "store/embedded/chunk.h"

namespace iot::store {

/// Chunks up to this size lie inside their index entry.
inline constexpr std::size_t inlined_bytes_max = 1024;

/// Index entries are kept apart by how long a time their chunk spans, in steps of four: the chunks that reach into a
/// time range then have their first reading at most that long before it, however old other chunks of the sensor may be.
inline constexpr unsigned span_classes = 33;
constexpr unsigned span_class_of(std::int64_t first_ns, std::int64_t last_ns) noexcept {
  const auto span = static_cast<std::uint64_t>(last_ns) - static_cast<std::uint64_t>(first_ns);
  return (static_cast<unsigned>(std::bit_width(span)) + 1) / 2;
}
/// The longest span of a class, at most the whole of time.
constexpr std::int64_t span_max_ns(unsigned span_class) noexcept {
  return span_class >= 32 ? INT64_MAX : static_cast<std::int64_t>((std::uint64_t{1} << (2 * span_class)) - 1);
}

struct ChunkEntry {
  SensorId sensor;
  std::uint64_t sequence = 0;  ///< unique in the database
  ChunkInfo info;
  std::uint64_t chunk_bytes = 0;
  std::string inlined;  ///< the chunk, where it lies in the entry
  std::string rollup;   ///< see store/embedded/rollup.h; empty: none, as of every inlined chunk

  std::int64_t first_ns() const noexcept { return info.summary.first.ns; }
  std::int64_t last_ns() const noexcept { return info.summary.last.ns; }
  bool is_inlined() const noexcept { return chunk_bytes <= inlined_bytes_max; }
};

/// The index entries of all sensors, those of one, of one and its class, and the one key. In order of sensor, class,
/// first time and sequence.
inline constexpr std::string_view index_begin = "i";
inline constexpr std::string_view index_end = "j";
std::string index_prefix(SensorId sensor);
std::string index_prefix(SensorId sensor, unsigned span_class);
std::string index_key(SensorId sensor, unsigned span_class, std::int64_t first_ns, std::uint64_t sequence);
std::string index_key(const ChunkEntry& entry);
std::string chunk_key(const ChunkEntry& entry);

struct IndexKey {
  SensorId sensor;
  unsigned span_class = 0;
  std::int64_t first_ns = 0;
  std::uint64_t sequence = 0;
};
std::optional<IndexKey> parse_index_key(std::string_view key) noexcept;

/// The index entry's value. For an inlined chunk `chunk` itself is in it.
std::string index_value(const ChunkEntry& entry, std::string_view chunk);
/// Errc::damaged, Errc::newer_format.
Result<ChunkEntry> parse_index_entry(std::string_view key, std::string_view value);

/// What index entries and blocks of rollups say of the values: least, greatest, sum, first and last.
void put_values(std::string& out, const Summary& summary);
void read_values(ByteReader& reader, model::ColumnKind kind, Summary& summary);

/// Up to which position a shard's readings are on disk.
std::string position_key(std::size_t shard);
/// A sensor that was removed: readings up to the position do not come back from the log.
inline constexpr std::string_view tombstone_begin = "t";
inline constexpr std::string_view tombstone_end = "u";
std::string tombstone_key(SensorId sensor);
std::optional<SensorId> parse_tombstone_key(std::string_view key) noexcept;
inline constexpr std::string_view sequence_key = "n";
inline constexpr std::string_view format_key = "f";
/// With rolled-up periods it is 2, which a program that does not know them refuses; without any it stays 1.
inline constexpr std::uint64_t database_format = 1;
inline constexpr std::uint64_t database_format_rolled_up = 2;
std::string number_value(std::uint64_t number);
std::optional<std::uint64_t> parse_number_value(std::string_view value) noexcept;

}  // namespace iot::store

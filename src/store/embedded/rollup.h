// What is known of each minute, hour or day of a chunk: count, least and greatest value, sum, first and last reading.
// It lies beside the chunk, so that an aggregation over whole minutes, hours or days need not decode it. Byte by byte:
// docs/formats/chunk-database.md.
//
// Values in, values out; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/embedded/chunk.h"

namespace iot::store {

/// Periods begin at 1970-01-01T00:00:00Z.
enum class Period : std::uint8_t { minute = 0, hour = 1, day = 2 };
constexpr std::int64_t nanoseconds(Period period) noexcept {
  constexpr std::int64_t second = 1'000'000'000;
  return period == Period::minute ? 60 * second : period == Period::hour ? 3'600 * second : 86'400 * second;
}

/// The summaries of the periods in which there are readings, in order of time. Exact for what the chunk holds.
std::vector<Summary> roll_up(const Columns& columns, Period period);

/// Begin of the period in which a time lies. Not for times before 1970.
constexpr std::int64_t period_begin(std::int64_t time_ns, Period period) noexcept {
  return time_ns - time_ns % nanoseconds(period);
}

/// The same readings by a longer period (or by the same, where a period's readings are in several summaries).
/// `parts` is in order of time.
std::vector<Summary> by_period(std::span<const Summary> parts, Period period);

/// The summary of them all. `parts` is not empty.
Summary total_of(std::span<const Summary> parts);

/// Summaries of consecutive periods, not empty, as bytes. What they are in all (total_of) is not in them.
std::string encode_periods(const std::vector<Summary>& parts, Period period);
/// `total` says what they are in all. Errc::damaged.
Result<std::vector<Summary>> decode_periods(std::string_view bytes, const Summary& total, model::ColumnKind kind);

/// A chunk with what lies beside it.
struct EncodedChunk {
  std::string bytes;
  std::string rollup;  ///< empty: none
};
EncodedChunk encode_with_rollup(const Columns& columns, Effort effort = Effort::fast);

/// The rollup by the shortest period that is worth its bytes beside a chunk of `chunk_bytes`; empty if none is.
/// `columns` are the chunk's, of reals or integers.
std::string encode_rollup(const Columns& columns, std::size_t chunk_bytes);

/// The summaries of a rollup beside a chunk with this summary. Errc::damaged.
Result<std::vector<Summary>> decode_rollup(std::string_view rollup, const ChunkInfo& chunk);

}  // namespace iot::store

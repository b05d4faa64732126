// Rolled-up time: what stays of readings that have gone, a summary of each minute, hour or day. Keys and values in the
// chunk database, byte by byte in docs/formats/chunk-database.md. Values in, values out.
//
// Beside a chunk, as long as its readings are there: store/embedded/rollup.h. Who makes and joins blocks:
// store/embedded/rollup_keeper.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "model/mapping.h"
#include "store/embedded/rollup.h"

namespace iot::store {

/// In one block at most.
inline constexpr std::size_t block_periods_max = 2'048;

/// Blocks of one period and one kind of values: in order of time, no period in two of them.
struct Lane {
  SensorId sensor;
  Period period = Period::minute;
  model::ColumnKind kind = model::ColumnKind::real;

  bool operator==(const Lane&) const = default;
};

/// A block whose periods are not decoded yet.
struct RollupBlock {
  Lane lane;
  std::int64_t begin_ns = 0;  ///< of the first period
  Summary total;
  std::size_t count = 0;  ///< periods
  std::string periods;    ///< see encode_periods()
  std::size_t bytes = 0;  ///< of key and value
};

/// The blocks of all sensors, of one, of a lane, and the one key. In order of sensor, period, kind and begin.
inline constexpr std::string_view rollup_begin = "r";
std::string rollup_prefix(SensorId sensor);
std::string rollup_prefix(const Lane& lane);
std::string rollup_key(const Lane& lane, std::int64_t begin_ns);

struct RollupKey {
  Lane lane;
  std::int64_t begin_ns = 0;
};
std::optional<RollupKey> parse_rollup_key(std::string_view key) noexcept;

/// The value of the block under `key`. `parts` are at most block_periods_max, in order of time, one for each period.
std::string rollup_value(std::string_view key, const Lane& lane, const std::vector<Summary>& parts);
/// Errc::damaged, newer_format.
Result<RollupBlock> parse_rollup_block(std::string_view key, std::string_view value);
/// The block's periods. Errc::damaged.
Result<std::vector<Summary>> periods_of(const RollupBlock& block);
/// Names the block's sensor and time range.
std::string describe(const RollupBlock& block);

/// Up to where a sensor's readings have become blocks.
struct RolledUp {
  std::int64_t until_ns = 0;  ///< readings before it are no readings any more; 0: none ever did
  std::uint64_t bytes = 0;    ///< of the blocks

  bool operator==(const RolledUp&) const = default;
};
inline constexpr std::string_view rolled_up_begin = "u";
std::string rolled_up_key(SensorId sensor);
std::optional<SensorId> parse_rolled_up_key(std::string_view key) noexcept;
std::string rolled_up_value(std::string_view key, RolledUp rolled_up);
/// Errc::damaged.
Result<RolledUp> parse_rolled_up(std::string_view key, std::string_view value);

}  // namespace iot::store

#include "store/embedded/rollup_block.h"

#include "base/bytes.h"
#include "base/crc32c.h"
#include "store/embedded/chunk_entry.h"
#include "store/embedded/key_bytes.h"

namespace iot::store {
namespace {

constexpr std::uint8_t block_format = 1;
constexpr std::size_t lane_bytes = 11;
constexpr std::size_t crc_bytes = 4;

/// Of key and value, so that what stands under another key is found.
void put_crc(std::string_view key, std::string& value) {
  put_fixed(value, crc32c(value, crc32c(key)));
}

bool is_sound(std::string_view key, std::string_view value) {
  if (value.size() < crc_bytes) return false;
  const std::string_view before = value.substr(0, value.size() - crc_bytes);
  return crc32c(before, crc32c(key)) == load_little<std::uint32_t>(value.data() + before.size());
}

}  // namespace

std::string rollup_prefix(SensorId sensor) {
  return sensor_key('r', sensor);
}

std::string rollup_prefix(const Lane& lane) {
  std::string key = rollup_prefix(lane.sensor);
  key.push_back(static_cast<char>(lane.period));
  key.push_back(static_cast<char>(lane.kind));
  return key;
}

std::string rollup_key(const Lane& lane, std::int64_t begin_ns) {
  std::string key = rollup_prefix(lane);
  put_big(key, ordered(begin_ns));
  return key;
}

std::optional<RollupKey> parse_rollup_key(std::string_view key) noexcept {
  if (key.size() != lane_bytes + 8 || key[0] != 'r') return {};
  const auto period = static_cast<std::uint8_t>(key[9]);
  const auto kind = static_cast<std::uint8_t>(key[10]);
  if (period > static_cast<std::uint8_t>(Period::day) || kind > static_cast<std::uint8_t>(model::ColumnKind::integer)) {
    return {};
  }
  return RollupKey{{sensor_of_key(key), static_cast<Period>(period), static_cast<model::ColumnKind>(kind)},
                   unordered(load_big(key.substr(lane_bytes)))};
}

std::string rollup_value(std::string_view key, const Lane& lane, const std::vector<Summary>& parts) {
  const Summary total = total_of(parts);
  std::string value(1, static_cast<char>(block_format));
  put_varint(value, static_cast<std::uint64_t>(total.first.ns - period_begin(total.first.ns, lane.period)));
  put_varint(value, static_cast<std::uint64_t>(total.last.ns - total.first.ns));
  put_varint(value, total.count);
  put_values(value, total);
  value += encode_periods(parts, lane.period);
  put_crc(key, value);
  return value;
}

Result<RollupBlock> parse_rollup_block(std::string_view key_bytes, std::string_view value) {
  const auto key = parse_rollup_key(key_bytes);
  const auto damaged = [&] {
    const std::string place =
        key ? "sensor " + key->lane.sensor.to_string() + " from " + std::to_string(key->begin_ns) + " ns: " : "";
    return make_error(Errc::damaged, place + "rolled-up readings of the reading store are damaged");
  };
  if (!key || key->begin_ns < 0 || !is_sound(key_bytes, value)) return damaged();
  ByteReader in(value.substr(0, value.size() - crc_bytes));
  if (in.fixed<std::uint8_t>() != block_format) {
    return make_error(Errc::newer_format, "the reading store was written by a newer version of the program");
  }
  RollupBlock block{key->lane, key->begin_ns, {}, 0, {}, key_bytes.size() + value.size()};
  const std::uint64_t after_begin = in.varint();
  const std::uint64_t span = in.varint();
  block.total.count = in.varint();
  read_values(in, block.lane.kind, block.total);
  const auto length = static_cast<std::uint64_t>(nanoseconds(block.lane.period));
  const bool fits = in.ok() && after_begin < length &&
                    after_begin <= static_cast<std::uint64_t>(INT64_MAX - block.begin_ns) &&
                    span <= static_cast<std::uint64_t>(INT64_MAX - block.begin_ns) - after_begin;
  if (!fits || block.begin_ns % nanoseconds(block.lane.period) != 0) return damaged();
  block.total.first.ns = block.begin_ns + static_cast<std::int64_t>(after_begin);
  block.total.last.ns = block.total.first.ns + static_cast<std::int64_t>(span);
  block.periods = in.bytes(in.remaining());
  // A block's period is in its key; what was encoded says it again.
  const bool same_period = !block.periods.empty() && block.periods[0] == static_cast<char>(block.lane.period);
  ByteReader periods(block.periods);
  periods.bytes(1);
  block.count = periods.varint();
  if (!same_period || !periods.ok() || block.count == 0 || block.count > block_periods_max) return damaged();
  return block;
}

Result<std::vector<Summary>> periods_of(const RollupBlock& block) {
  auto parts = decode_periods(block.periods, block.total, block.lane.kind);
  if (parts) return parts;
  Error error = parts.error();
  error.message = describe(block) + ": " + error.message;
  return error;
}

std::string describe(const RollupBlock& block) {
  return "sensor " + block.lane.sensor.to_string() + ", rolled up from " + std::to_string(block.total.first.ns) +
         " to " + std::to_string(block.total.last.ns) + " ns";
}

std::string rolled_up_key(SensorId sensor) {
  return sensor_key('u', sensor);
}

std::optional<SensorId> parse_rolled_up_key(std::string_view key) noexcept {
  if (key.size() != 9 || key[0] != 'u') return {};
  return sensor_of_key(key);
}

std::string rolled_up_value(std::string_view key, RolledUp rolled_up) {
  std::string value;
  put_fixed(value, rolled_up.until_ns);
  put_fixed(value, rolled_up.bytes);
  put_crc(key, value);
  return value;
}

Result<RolledUp> parse_rolled_up(std::string_view key, std::string_view value) {
  RolledUp rolled_up;
  if (value.size() != 16 + crc_bytes || !is_sound(key, value)) {
    return make_error(Errc::damaged, "the reading store does not know until when readings are rolled up");
  }
  ByteReader in(value);
  rolled_up.until_ns = in.fixed<std::int64_t>();
  rolled_up.bytes = in.fixed<std::uint64_t>();
  return rolled_up;
}

}  // namespace iot::store

#include "store/embedded/rollup_keeper.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include "store/embedded/chunk_parts.h"
#include "store/embedded/merged_run.h"
#include "store/embedded/oldest_first.h"

namespace iot::store {
namespace {

/// Readings that one step takes out of chunks, about: bounds its memory and how long it keeps writers out.
constexpr std::uint64_t readings_at_once = 131'072;
constexpr std::uint64_t chunk_bytes_at_once = std::uint64_t{8} << 20;
/// Blocks that one step makes longer periods of, or erases.
constexpr std::size_t blocks_at_once = 16;
constexpr std::size_t blocks_erased_at_once = 1'024;
/// A batch of erased keys: bounds the write buffer.
constexpr std::size_t erase_batch_bytes = 1u << 20;

constexpr std::array periods{Period::minute, Period::hour, Period::day};
constexpr std::array kinds{model::ColumnKind::real, model::ColumnKind::integer};

/// Readings [from_ns, to_ns) of sorted ones.
Slice between(const Slice& slice, std::int64_t from_ns, std::int64_t to_ns) {
  const auto place = [&](std::int64_t time_ns) {
    const auto begin = slice.times_ns.begin();
    return static_cast<std::size_t>(std::lower_bound(begin, slice.times_ns.end(), time_ns) - begin);
  };
  const std::size_t from = place(from_ns);
  return slice.sub(from, std::max(from, place(to_ns)));
}

/// Up to where a step takes readings: as many as it may, if it can be at the begin of a period. `entries` are in order
/// of first time and begin before `target_ns`; readings before `from_ns` do not count.
std::int64_t step_end(std::span<const ChunkEntry> entries, std::int64_t from_ns, std::int64_t target_ns,
                      Period period) {
  std::uint64_t readings = 0;
  std::uint64_t bytes = 0;
  const std::int64_t begin_ns = std::max(from_ns, entries.front().first_ns());
  for (std::size_t i = 0; i + 1 < entries.size(); ++i) {
    if (entries[i].last_ns() >= from_ns) {
      readings += entries[i].info.summary.count;
      bytes += entries[i].chunk_bytes;
    }
    if (readings < readings_at_once && bytes < chunk_bytes_at_once) continue;
    const std::int64_t next_ns = entries[i + 1].first_ns();
    for (const std::int64_t end_ns : {period_begin(next_ns, period), next_ns}) {
      if (end_ns > begin_ns) return end_ns;
    }
  }
  return target_ns;
}

/// The chunks' readings that are not before `from_ns`, decoded. Nothing of a chunk that cannot be read and has
/// outlived its periods.
Result<std::vector<Columns>> decode(ChunkReader& reader, std::span<const ChunkEntry> entries, std::int64_t from_ns,
                                    std::int64_t expired_before_ns) {
  std::vector<Columns> decoded;
  decoded.reserve(entries.size());
  for (const ChunkEntry& entry : entries) {
    if (entry.last_ns() < from_ns) continue;
    auto read = reader.decode(entry, decoded.emplace_back());
    if (read) continue;
    decoded.pop_back();
    if (!is(read.error(), Errc::damaged) || entry.last_ns() >= expired_before_ns) return read.error();
  }
  return decoded;
}

/// Two lists in order of time as one, a period's summaries as one.
std::vector<Summary> merge(std::span<const Summary> a, std::span<const Summary> b, Period period) {
  std::vector<Summary> both;
  both.reserve(a.size() + b.size());
  std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both),
             [](const Summary& x, const Summary& y) { return x.first < y.first; });
  return by_period(both, period);
}

}  // namespace

void RollupKeeper::put(const Lane& lane, const std::vector<Summary>& parts, Change& change) {
  const std::string key = rollup_key(lane, period_begin(parts.front().first.ns, lane.period));
  const std::string value = rollup_value(key, lane, parts);
  change.batch.put_rollup(lane.sensor, key, value);
  change.rolled_up.bytes += key.size() + value.size();
}

void RollupKeeper::erase(const RollupBlock& block, Change& change) {
  change.batch.erase_rollup(block.lane.sensor, rollup_key(block.lane, block.begin_ns));
  change.rolled_up.bytes -= std::min<std::uint64_t>(change.rolled_up.bytes, block.bytes);
  erased_bytes_ += block.bytes;
}

Result<void> RollupKeeper::write(Change change) {
  const std::string key = rolled_up_key(change.sensor);
  change.batch.put_rollup(change.sensor, key, rolled_up_value(key, change.rolled_up));
  // From now on a program that does not know of rolled-up time would show too little.
  change.batch.put_number(format_key, database_format_rolled_up);
  return db_.write(std::move(change.batch));
}

/// Adds periods, which are newer than those of the lane but for what may be in the same one.
Result<void> RollupKeeper::add(ChunkReader& reader, const Lane& lane, std::vector<Summary> parts, Change& change) {
  if (parts.empty()) return {};
  const std::string prefix = rollup_prefix(lane);
  for (reader.seek_for_previous(rollup_key(lane, INT64_MAX)); reader.at(prefix); reader.previous()) {
    IOT_TRY(const RollupBlock block, parse_rollup_block(reader.key(), reader.value()));
    const bool meets =
        period_begin(block.total.last.ns, lane.period) >= period_begin(parts.front().first.ns, lane.period);
    // Blocks are joined as they come to the size of the newer ones, so each period is written a few times only.
    const bool is_small = block.count < block_periods_max && block.count <= 2 * parts.size();
    if (!meets && !is_small) break;
    IOT_TRY(const auto older, periods_of(block));
    parts = merge(older, parts, lane.period);
    erase(block, change);
  }
  IOT_CHECK(reader.status());
  for (std::size_t at = 0; at < parts.size(); at += block_periods_max) {
    const std::size_t end = std::min(parts.size(), at + block_periods_max);
    const auto begin = parts.begin();
    put(lane, {begin + static_cast<std::ptrdiff_t>(at), begin + static_cast<std::ptrdiff_t>(end)}, change);
  }
  return {};
}

/// True if blocks went.
Result<bool> RollupKeeper::expire(ChunkReader& reader, const Lane& lane, std::int64_t before_ns, Change& change) {
  const std::string prefix = rollup_prefix(lane);
  std::size_t erased = 0;
  for (reader.seek(prefix); reader.at(prefix) && erased < blocks_erased_at_once; reader.next()) {
    const auto key = parse_rollup_key(reader.key());
    if (!key) return make_error(Errc::damaged, "a key of rolled-up readings is damaged; run `iotplatform verify`");
    const auto block = parse_rollup_block(reader.key(), reader.value());
    if (!block && !is(block.error(), Errc::damaged)) return block.error();
    // How far a damaged one reached is not known: as far as it may without gaps.
    const std::int64_t longest_ns = nanoseconds(lane.period) * static_cast<std::int64_t>(block_periods_max);
    const bool has_expired = block ? block->total.last.ns < before_ns : key->begin_ns < before_ns - longest_ns;
    if (!has_expired) break;
    erase(
        block ? *block : RollupBlock{key->lane, key->begin_ns, {}, 0, {}, reader.key().size() + reader.value().size()},
        change);
    ++erased;
  }
  IOT_CHECK(reader.status());
  return erased > 0;
}

/// True if periods became longer ones.
Result<bool> RollupKeeper::lengthen(ChunkReader& reader, const Lane& lane, RollupLevels::Step step, Change& change) {
  const std::string prefix = rollup_prefix(lane);
  std::vector<Summary> older;
  std::size_t blocks = 0;
  for (reader.seek(prefix); reader.at(prefix) && blocks < blocks_at_once; reader.next(), ++blocks) {
    IOT_TRY(const RollupBlock block, parse_rollup_block(reader.key(), reader.value()));
    if (block.begin_ns >= step.until_ns) break;
    IOT_TRY(const auto parts, periods_of(block));
    // Where they begin: a step ends at the begin of a period.
    const auto stays = std::find_if(parts.begin(), parts.end(), [&](const Summary& part) {
      return period_begin(part.first.ns, lane.period) >= step.until_ns;
    });
    erase(block, change);
    older.insert(older.end(), parts.begin(), stays);
    if (stays != parts.end()) put(lane, {stays, parts.end()}, change);
  }
  IOT_CHECK(reader.status());
  if (older.empty()) return false;
  const Lane longer{lane.sensor, step.into, lane.kind};
  IOT_CHECK(add(reader, longer, by_period(older, step.into), change));
  return true;
}

Result<RollupKeeper::Step> RollupKeeper::age(SensorId sensor, const RollupLevels& levels, Timestamp now) {
  const auto reader = db_.reader(ChunkDb::Use::query);
  Change change{sensor, {}, {}};
  IOT_TRY(change.rolled_up, reader->rolled_up(sensor));
  if (change.rolled_up.bytes == 0) return Step{};
  bool changed = false;
  for (const Period period : periods) {
    for (const model::ColumnKind kind : kinds) {
      IOT_TRY(const bool gone, expire(*reader, {sensor, period, kind}, levels.expired_before_ns(now), change));
      changed = changed || gone;
    }
  }
  // Longer periods in a batch of their own: they are read back where the next ones are added.
  for (const Period period : periods) {
    const auto step = changed ? std::nullopt : levels.step_of(period, now);
    for (const model::ColumnKind kind : kinds) {
      if (!step || changed) continue;
      IOT_TRY(changed, lengthen(*reader, {sensor, period, kind}, *step, change));
    }
  }
  if (!changed) return Step{};
  const std::uint64_t bytes = change.batch.bytes();
  IOT_CHECK(write(std::move(change)));
  return Step{true, 2 * bytes};
}

Result<RollupKeeper::Step> RollupKeeper::roll_up(SensorId sensor, const RollupLevels& levels, Timestamp now,
                                                 std::size_t chunk_readings) {
  const std::int64_t target_ns = levels.readings_until_ns(now);
  const auto reader = db_.reader(ChunkDb::Use::query);
  Change change{sensor, {}, {}};
  IOT_TRY(change.rolled_up, reader->rolled_up(sensor));
  const std::int64_t from_ns = change.rolled_up.until_ns;
  if (target_ns <= from_ns) return Step{};
  reader->seek(index_prefix(sensor));
  if (!reader->at(index_prefix(sensor))) return Step{};
  IOT_TRY(const auto series, read_series(*reader));
  if (series->damaged > 0) {
    return make_error(Errc::damaged, "sensor " + sensor.to_string() + ": an index entry cannot be read");
  }
  const auto begin_before = [&](std::int64_t time_ns) {
    const auto end = std::find_if(series->entries.begin(), series->entries.end(),
                                  [&](const ChunkEntry& entry) { return entry.first_ns() >= time_ns; });
    return std::span(series->entries.begin(), end);
  };
  std::span<const ChunkEntry> entries = begin_before(target_ns);
  if (entries.empty()) return Step{};
  const std::int64_t end_ns = step_end(entries, from_ns, target_ns, levels.finest());
  entries = begin_before(end_ns);
  const std::int64_t expired_before_ns = levels.expired_before_ns(now);
  IOT_TRY(const auto decoded, decode(*reader, entries, from_ns, expired_before_ns));

  Step step{end_ns < target_ns, 0};
  for (const model::ColumnKind kind : kinds) {
    std::vector<Slice> slices;
    Columns merged;
    for (const Columns& columns : decoded) {
      const Slice slice = between(slice_of(columns), from_ns, end_ns);
      if (slice.kind != kind || slice.size() == 0) continue;
      slices.push_back(slice);
      merged.mapping = columns.mapping;
    }
    if (slices.empty()) continue;
    merge_slices(slices, merged);
    auto parts = store::roll_up(merged, levels.finest());
    std::erase_if(parts, [&](const Summary& part) { return part.last.ns < expired_before_ns; });
    metrics_.periods_rolled_up.Increment(static_cast<double>(parts.size()));
    IOT_CHECK(add(*reader, {sensor, levels.finest(), kind}, std::move(parts), change));
  }
  // What is not so old goes on as chunks, of one mapping each.
  std::map<model::MappingType, std::vector<Slice>> rest;
  for (const Columns& columns : decoded) {
    const Slice slice = between(slice_of(columns), end_ns, INT64_MAX);
    if (slice.size() > 0) rest[columns.mapping].push_back(slice);
  }
  for (const auto& [mapping, slices] : rest) {
    Columns merged;
    merged.mapping = mapping;
    merge_slices(slices, merged);
    IOT_CHECK(put_chunks(db_, change.batch, sensor, merged, chunk_readings));
  }
  for (const ChunkEntry& entry : entries) {
    change.batch.erase(entry);
    erased_bytes_ += entry.chunk_bytes;
    step.bytes += 2 * entry.chunk_bytes;
  }
  change.rolled_up.until_ns = end_ns;
  IOT_CHECK(write(std::move(change)));
  return step;
}

Result<void> RollupKeeper::erase_all(SensorId sensor, ChunkBatch& batch) {
  const auto reader = db_.reader(ChunkDb::Use::query);
  const std::string prefix = rollup_prefix(sensor);
  for (reader->seek(prefix); reader->at(prefix); reader->next()) {
    erased_bytes_ += reader->key().size() + reader->value().size();
    batch.erase_rollup(sensor, reader->key());
  }
  IOT_CHECK(reader->status());
  batch.erase_rollup(sensor, rolled_up_key(sensor));
  return {};
}

Result<std::uint64_t> RollupKeeper::drop_oldest(std::uint64_t bytes) {
  const auto visit = [this](const auto& see) -> Result<void> {
    const auto reader = db_.reader(ChunkDb::Use::sweep);
    for (reader->seek(rollup_begin); reader->at(rollup_begin); reader->next()) {
      // A damaged block stays where it is, as a damaged chunk does.
      const auto block = parse_rollup_block(reader->key(), reader->value());
      if (block) IOT_CHECK(see(*block));
    }
    return reader->status();
  };
  OldestFirst ages;
  IOT_CHECK(visit([&](const RollupBlock& block) -> Result<void> {
    ages.see(block.total.last.ns);
    return {};
  }));
  if (ages.empty()) return std::uint64_t{0};
  ages.measure();
  IOT_CHECK(visit([&](const RollupBlock& block) -> Result<void> {
    ages.count(block.total.last.ns, block.bytes);
    return {};
  }));
  ages.want(bytes);

  std::uint64_t dropped = 0;
  std::optional<Change> change;
  const auto write_change = [&]() -> Result<void> {
    return change ? write(*std::exchange(change, std::nullopt)) : Result<void>();
  };
  const auto drop = [&](const RollupBlock& block) -> Result<void> {
    if (!ages.goes(block.total.last.ns, block.bytes)) return {};
    const bool goes_on = change && change->sensor == block.lane.sensor && change->batch.bytes() < erase_batch_bytes;
    if (!goes_on) {
      IOT_CHECK(write_change());
      change.emplace(Change{block.lane.sensor, {}, {}});
      IOT_TRY(change->rolled_up, db_.reader(ChunkDb::Use::query)->rolled_up(block.lane.sensor));
    }
    erase(block, *change);
    dropped += block.bytes;
    return {};
  };
  IOT_CHECK(visit(drop));
  IOT_CHECK(write_change());
  return dropped;
}

}  // namespace iot::store

#include "store/embedded/engine.h"

#include <algorithm>

#include "base/logging.h"
#include "store/embedded/merging_cursor.h"
#include "store/embedded/rollup_cursor.h"

namespace iot::store {

Engine::Engine(EmbeddedStoreOptions options, std::unique_ptr<ChunkDb> db, Metrics& metrics, const Clock& clock)
    : options_(std::move(options)),
      db_(std::move(db)),
      metrics_(metrics),
      clock_(clock),
      heads_(options_.readings_per_chunk),
      decoded_(options_.decoded_bytes_max),
      keeper_(*db_, metrics_),
      rollups_(*db_, metrics_) {}

Engine::~Engine() {
  stop_thread();
}

Result<void> Engine::start() {
  for (std::size_t shard = 0; shard < shard_count; ++shard) {
    IOT_TRY(const auto position, db_->number(position_key(shard)));
    written_[shard] = position.value_or(0);
  }
  IOT_TRY(tombstones_, db_->tombstones());
  filter_.shards = written_;
  filter_.removed = tombstones_;
  filter_until_ = filter_.until();
  applied_ = *std::min_element(written_.begin(), written_.end());
  heads_.pass_over(applied());
  update_gauges();
  thread_ = std::thread([this] { run(); });
  return {};
}

bool Engine::ReplayFilter::wanted(SensorId sensor, log::Position position) const noexcept {
  if (position.value <= shards[Heads::shard_of(sensor)]) return false;
  const auto found = removed.find(sensor.value);
  return found == removed.end() || position.value > found->second;
}

log::Position Engine::ReplayFilter::until() const noexcept {
  std::uint64_t until = *std::max_element(shards.begin(), shards.end());
  for (const auto& [sensor, position] : removed) until = std::max(until, position);
  return {until};
}

void Engine::committed(std::span<const log::Record> records) noexcept {
  std::size_t readings = 0;
  for (const log::Record& record : records) {
    if (record.position <= heads_.committed()) continue;
    take(record, readings);
    const std::uint64_t unapplied =
        unapplied_bytes_.fetch_add(record.payload.size(), std::memory_order_relaxed) + record.payload.size();
    const bool pressed = heads_.bytes() > heads_bytes_max() || unapplied > options_.unapplied_bytes_max;
    if (pressed || heads_.parts_wait()) wake();
    if (heads_.bytes() > options_.memory_bytes_max / 4 * 3) wait_for_room();
  }
  metrics_.readings.Increment(static_cast<double>(readings));
}

void Engine::take(const log::Record& record, std::size_t& readings) {
  if (auto decoded = batch_.decode(record.payload); !decoded) {
    metrics_.undecodable_records.Increment();
    log_error("a record of the event log is not a batch of readings and is skipped",
              {{"position", record.position.value}, {"reason", decoded.error().message}});
    heads_.pass_over(record.position);
    return;
  }
  const bool ask = record.position <= filter_until_;
  readings += heads_.insert(batch_, record.position, ask ? &filter_ : nullptr);
}

void Engine::wait_for_room() noexcept {
  metrics_.stalls.Increment();
  wake();
  std::unique_lock lock(wake_mutex_);
  const bool room = room_.wait_for(lock, options_.stall_max,
                                   [this] { return stopping_ || heads_.bytes() <= options_.memory_bytes_max / 4 * 3; });
  if (room) return;
  lock.unlock();
  log_warning("the reading store takes readings past its memory bound, for the disk does not keep up",
              {{"bytes", heads_.bytes()}, {"memory_bytes_max", options_.memory_bytes_max}});
}

void Engine::set_retention_policy(RetentionPolicy policy) {
  auto shared = policy ? std::make_shared<const RetentionPolicy>(std::move(policy)) : nullptr;
  const std::lock_guard lock(policy_mutex_);
  policy_ = std::move(shared);
}

std::optional<model::Retention> Engine::retention(SensorId sensor) const {
  std::shared_ptr<const RetentionPolicy> policy;
  {
    const std::lock_guard lock(policy_mutex_);
    policy = policy_;
  }
  return policy ? std::optional((*policy)(sensor)) : std::nullopt;
}

Engine::Shown Engine::shown(SensorId sensor) const {
  const auto kept = retention(sensor);
  if (!kept) return {};
  const RollupLevels levels(*kept);
  const Timestamp now = clock_.now();
  // Where periods are kept, readings are shown until they are rolled up, so that nothing is missing between the two.
  const bool by_age = kept->readings && !levels.any();
  return {by_age ? before_age_ns(now, *kept->readings) : 0, levels.expired_before_ns(now)};
}

Result<std::unique_ptr<Cursor>> Engine::scan(SensorId sensor, TimeRange range, Direction direction) {
  const Shown shown = this->shown(sensor);
  // Memory first: what is written to disk meanwhile is then found there, and never missed.
  MemoryView memory = heads_.view(sensor);
  std::shared_ptr<ChunkReader> reader = db_->reader(sensor);
  IOT_TRY(const RolledUp rolled_up, reader->rolled_up());
  const TimeRange readings{{std::max({range.first.ns, shown.readings_from_ns, rolled_up.until_ns})}, range.last};
  const TimeRange periods{{std::max(range.first.ns, shown.periods_from_ns)},
                          {std::min(range.last.ns, rolled_up.until_ns - 1)}};
  const bool has_readings = readings.first <= readings.last;
  const bool has_periods = rolled_up.bytes > 0 && periods.first <= periods.last;
  std::unique_ptr<Cursor> of_periods;
  if (has_periods) {
    of_periods = std::make_unique<RollupCursor>(sensor, periods, direction, rolled_up, reader, metrics_.damaged_chunks);
  }
  if (!has_readings) return of_periods ? std::move(of_periods) : empty_cursor();
  auto of_readings = std::make_unique<MergingCursor>(sensor, readings, direction, memory_sources(std::move(memory)),
                                                     std::move(reader), decoded_, metrics_.damaged_chunks);
  if (!of_periods) return of_readings;
  return direction == Direction::ascending ? one_after_another(std::move(of_periods), std::move(of_readings))
                                           : one_after_another(std::move(of_readings), std::move(of_periods));
}

Result<SeriesInfo> Engine::info(SensorId sensor) {
  SeriesInfo info;
  Timestamp oldest{shown(sensor).readings_from_ns};
  MemoryView memory = heads_.view(sensor);
  const auto reader = db_->reader(sensor);
  IOT_TRY(const RolledUp rolled_up, reader->rolled_up());
  oldest.ns = std::max(oldest.ns, rolled_up.until_ns);
  info.disk_bytes = rolled_up.bytes;
  const auto add = [&](Timestamp first, Timestamp last, std::uint64_t count) {
    if (last < oldest) return;
    first = std::max(first, oldest);
    info.first = info.first ? std::min(*info.first, first) : first;
    info.last = info.last ? std::max(*info.last, last) : last;
    info.count_max += count;
  };
  for (const HeadView& head : memory.raw) add({head.times().front()}, {head.times().back()}, head.count);
  for (const auto& chunk : memory.chunks) {
    add(chunk->info.summary.first, chunk->info.summary.last, chunk->info.summary.count);
  }
  const auto add_entry = [&](const ChunkEntry& entry) {
    add(entry.info.summary.first, entry.info.summary.last, entry.info.summary.count);
    info.disk_bytes += entry.chunk_bytes + index_key(entry).size();
  };
  auto list = reader->list();
  if (!list && is(list.error(), Errc::damaged)) metrics_.damaged_chunks.Increment();
  if (!list) return list.error();
  if (*list) {
    for (const ChunkEntry& entry : (*list)->entries) add_entry(entry);
    return info;
  }
  const std::string prefix = index_prefix(sensor);
  for (reader->seek(prefix); reader->at(prefix); reader->next()) {
    const auto entry = parse_index_entry(reader->key(), reader->value());
    if (!entry) {
      metrics_.damaged_chunks.Increment();
      return make_error(Errc::damaged, "sensor " + sensor.to_string() + ": " + entry.error().message);
    }
    add_entry(*entry);
  }
  IOT_CHECK(reader->status());
  return info;
}

Result<Engine::NewestOfEach> Engine::newest_of(std::span<const SensorId> sensors) {
  NewestOfEach found;
  found.newest.resize(sensors.size());
  // Memory first, as for scan().
  for (std::size_t i = 0; i < sensors.size(); ++i) {
    for (Source& source : memory_sources(heads_.view(sensors[i]))) found.newest[i].add(std::move(source));
  }
  found.reader = db_->reader(ChunkDb::Use::query);
  found.reader->seek(rolled_up_begin);
  const bool some_are_rolled_up = found.reader->at(rolled_up_begin);
  IOT_CHECK(found.reader->status());
  NewestChunks chunks(*found.reader);
  for (std::size_t i = 0; i < sensors.size(); ++i) {
    if (auto added = chunks.add(sensors[i], found.newest[i]); !added) {
      if (is(added.error(), Errc::damaged)) metrics_.damaged_chunks.Increment();
      return added.error();
    }
    Timestamp oldest{shown(sensors[i]).readings_from_ns};
    if (some_are_rolled_up) {
      IOT_TRY(const RolledUp rolled_up, found.reader->rolled_up(sensors[i]));
      oldest.ns = std::max(oldest.ns, rolled_up.until_ns);
    }
    if (found.newest[i].time() < oldest) found.newest[i] = {};
  }
  return found;
}

Result<std::vector<std::optional<Reading>>> Engine::latest(std::span<const SensorId> sensors) {
  IOT_TRY(const NewestOfEach of_each, newest_of(sensors));
  std::vector<std::optional<Reading>> readings;
  readings.reserve(sensors.size());
  for (const Newest& newest : of_each.newest) {
    auto reading = newest.find(*of_each.reader, decoded_);
    if (!reading && is(reading.error(), Errc::damaged)) metrics_.damaged_chunks.Increment();
    if (!reading) return reading.error();
    readings.push_back(std::move(*reading));
  }
  return readings;
}

Result<std::vector<std::optional<Timestamp>>> Engine::newest_times(std::span<const SensorId> sensors) {
  IOT_TRY(const NewestOfEach of_each, newest_of(sensors));
  std::vector<std::optional<Timestamp>> times;
  times.reserve(sensors.size());
  for (const Newest& newest : of_each.newest) times.push_back(newest.time());
  return times;
}

Result<void> Engine::remove(SensorId sensor) {
  return remove_all({&sensor, 1});
}

Result<void> Engine::remove_all(std::span<const SensorId> sensors) {
  {
    const std::lock_guard lock(writing_);
    ChunkBatch batch;
    for (const SensorId sensor : sensors) {
      // The tombstone comes to disk no later than the erasing, and both before this returns.
      const log::Position position = heads_.remove(sensor);
      tombstones_[sensor.value] = position.value;
      batch.put_number(tombstone_key(sensor), position.value);
      IOT_CHECK(keeper_.erase_all(sensor, batch));
      IOT_CHECK(rollups_.erase_all(sensor, batch));
    }
    IOT_CHECK(db_->write(std::move(batch)));
    IOT_CHECK(db_->sync());
  }
  wake();
  return {};
}

Result<void> Engine::flush() {
  const std::lock_guard lock(writing_);
  return write_all();
}

Result<MaintenanceTotals> Engine::maintain() {
  MergePolicy policy;
  policy.chunk_readings = options_.readings_per_merged_chunk;
  IOT_TRY(const auto totals, tidy_all(policy, 0));
  IOT_CHECK(give_room_back(false));
  return totals;
}

Result<void> Engine::compact() {
  IOT_CHECK(flush());
  MergePolicy policy;
  policy.chunk_readings = options_.readings_per_merged_chunk;
  policy.small_chunks_min = 2;
  IOT_CHECK(tidy_all(policy, 0));
  return give_room_back(true);
}

Result<std::uint64_t> Engine::drop_oldest(std::uint64_t bytes) {
  std::uint64_t dropped = 0;
  {
    const std::lock_guard lock(writing_);
    IOT_TRY(dropped, keeper_.drop_oldest(bytes));
    // Periods are few bytes for a long time: they go when nothing else is left to go.
    if (dropped < bytes) {
      IOT_TRY(const std::uint64_t of_periods, rollups_.drop_oldest(bytes - dropped));
      dropped += of_periods;
    }
  }
  if (dropped > 0) IOT_CHECK(give_room_back(true));
  return dropped;
}

Result<void> Engine::close() {
  stop_thread();
  return flush();
}

}  // namespace iot::store

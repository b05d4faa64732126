// The part of the engine that writes: shards to disk, positions, and the background thread's round.
#include <algorithm>
#include <set>

#include <malloc.h>

#include "base/logging.h"
#include "store/embedded/engine.h"

namespace iot::store {
namespace {

/// After a write that failed (a full disk), so long until the next try.
constexpr std::chrono::seconds retry_after{1};
/// Parts that are encoded before the background thread looks at its other duties.
constexpr std::size_t parts_at_once = 64;
/// Files are rewritten when so many bytes, and at least a quarter of them all, are erased but still there.
constexpr std::uint64_t erased_bytes_min = 16u << 20;
/// A pass over all chunks takes at most this part of the background thread's time.
constexpr int idle_passes = 20;
/// One sensor's overlapping chunks may need several goes until none overlap; more is left to the next pass.
constexpr int goes_max = 64;

}  // namespace

/// One shard's readings and the position they reach to, in one batch.
Result<void> Engine::write_shard(std::size_t shard) {
  const Heads::TakenOut taken = heads_.take_out(shard);
  ChunkBatch batch;
  std::size_t chunks = 0;
  const auto put = [&](SensorId sensor, std::uint64_t sequence, const EncodedChunk& chunk) {
    ++chunks;
    return batch.put(sensor, sequence, chunk);
  };
  if (taken.set) {
    // In the order of keys: RocksDB's memtable takes neighbours much faster.
    std::vector<SensorId> sensors = taken.set->sensors();
    std::sort(sensors.begin(), sensors.end());
    for (const SensorId sensor : sensors) {
      if (const auto* parts = taken.set->parts(sensor)) {
        for (const Part& part : *parts) {
          IOT_CHECK(part.chunk ? put(sensor, part.chunk->sequence, part.chunk->chunk)
                               : put(sensor, db_->next_sequence(), encode_view(part.raw)));
        }
      }
      if (const Head* head = taken.set->find(sensor))
        IOT_CHECK(put(sensor, db_->next_sequence(), encode_view(head->view())));
    }
  }
  const std::uint64_t position = std::max(taken.position.value, written_[shard]);
  if (chunks == 0 && position == written_[shard]) return {};
  batch.put_number(position_key(shard), position);
  IOT_CHECK(db_->write(std::move(batch)));
  heads_.written(shard);
  written_[shard] = position;
  metrics_.chunks_written.Increment(static_cast<double>(chunks));
  const std::lock_guard lock(wake_mutex_);
  room_.notify_all();
  return {};
}

Result<void> Engine::write_all() {
  const auto began = std::chrono::steady_clock::now();
  const std::uint64_t unapplied = unapplied_bytes_.load();
  for (std::size_t shard = 0; shard < shard_count; ++shard) IOT_CHECK(write_shard(shard));
  IOT_CHECK(db_->sync());
  unapplied_bytes_ -= unapplied;
  const std::uint64_t position = *std::min_element(written_.begin(), written_.end());
  const bool moved = position != applied_.exchange(position, std::memory_order_acq_rel);
  IOT_CHECK(release_tombstones());
  metrics_.flush_seconds.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  // Millions of small buffers came free; without this the allocator keeps their pages.
  malloc_trim(0);
  update_gauges();
  if (moved && options_.on_applied) options_.on_applied({position});
  return {};
}

/// Forgets removed sensors of which the log can bring nothing back.
Result<void> Engine::release_tombstones() {
  ChunkBatch batch;
  for (const auto& [sensor, position] : tombstones_) {
    if (position <= applied().value) batch.erase_number(tombstone_key({sensor}));
  }
  if (batch.empty()) return {};
  IOT_CHECK(db_->write(std::move(batch)));
  std::erase_if(tombstones_, [this](const auto& tombstone) { return tombstone.second <= applied().value; });
  return {};
}

void Engine::wake() noexcept {
  if (awake_.exchange(true)) return;
  const std::lock_guard lock(wake_mutex_);
  wake_.notify_one();
}

/// Waits, unless it is time to stop: then false.
bool Engine::pause(std::chrono::nanoseconds duration) {
  std::unique_lock lock(wake_mutex_);
  return !wake_.wait_for(lock, duration, [this] { return stopping_; });
}

void Engine::stop_thread() noexcept {
  {
    const std::lock_guard lock(wake_mutex_);
    stopping_ = true;
    wake_.notify_all();
    room_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Engine::run() noexcept {
  using Clock = std::chrono::steady_clock;
  const bool tidies = options_.maintenance_interval.count() > 0;
  auto tidy_at = Clock::now() + options_.maintenance_interval;
  while (true) {
    {
      std::unique_lock lock(wake_mutex_);
      const auto due = [this] { return stopping_ || awake_.load(); };
      if (tidies) {
        wake_.wait_until(lock, tidy_at, due);
      } else {
        wake_.wait(lock, due);
      }
      if (stopping_) return;
    }
    awake_ = false;
    do_what_waits();
    if (!tidies || Clock::now() < tidy_at) continue;
    const auto began = Clock::now();
    MergePolicy policy;
    policy.chunk_readings = options_.readings_per_merged_chunk;
    auto tidied = tidy_all(policy, options_.maintenance_bytes_per_s);
    const auto given_back = tidied ? give_room_back(false) : Result<void>(tidied.error());
    if (!given_back) {
      metrics_.failures.Increment();
      log_error("chunks cannot be merged; the store tries again", {{"reason", given_back.error().message}});
    }
    update_gauges();
    const auto took = Clock::now() - began;
    tidy_at = Clock::now() + std::max<Clock::duration>(options_.maintenance_interval, took * idle_passes);
  }
}

void Engine::do_what_waits() {
  while (heads_.encode_parts(parts_at_once, [this] { return db_->next_sequence(); }) > 0) {
    const std::lock_guard lock(wake_mutex_);
    room_.notify_all();
    if (stopping_) return;
    if (heads_.bytes() > heads_bytes_max()) break;
  }
  auto done = make_room();
  if (done && unapplied_bytes_.load() > options_.unapplied_bytes_max) done = flush();
  if (done) return;
  metrics_.failures.Increment();
  log_error("readings cannot be written; they stay in memory and in the event log, and the store tries again",
            {{"reason", done.error().message}});
  if (pause(retry_after)) wake();
}

/// Writes the shards with the most bytes, until there is room again.
Result<void> Engine::make_room() {
  // A fifth below the bound, so that it is not reached again with the next record.
  while (heads_.bytes() > heads_bytes_max()) {
    const std::lock_guard lock(writing_);
    std::size_t largest = 0;
    std::size_t largest_bytes = 0;
    for (std::size_t shard = 0; shard < shard_count; ++shard) {
      const std::size_t bytes = heads_.shard_bytes(shard);
      if (bytes > largest_bytes) std::tie(largest, largest_bytes) = std::pair(shard, bytes);
    }
    IOT_CHECK(write_shard(largest));
    if (heads_.bytes() <= heads_bytes_max()) malloc_trim(0);
  }
  return {};
}

/// Lets others have the disk for as long as `bytes` take at this pace; false if it is time to stop.
bool Engine::goes_on_after(std::uint64_t bytes, std::uint64_t bytes_per_s) {
  if (bytes_per_s == 0) return true;
  if (!pause(std::chrono::nanoseconds(bytes * 1'000'000'000 / bytes_per_s))) return false;
  if (awake_.exchange(false)) do_what_waits();
  return true;
}

Result<MaintenanceTotals> Engine::tidy_all(const MergePolicy& policy, std::uint64_t bytes_per_s) {
  MaintenanceTotals totals;
  // Sensors with a chunk that cannot be read: the others' chunks are merged all the same.
  std::set<SensorId> stuck;
  const auto ages_of = [&](SensorId sensor) {
    ChunkKeeper::Ages due = ages(sensor);
    if (stuck.contains(sensor)) due.rolls_up_ns = 0;
    return due;
  };
  IOT_CHECK(flush_what_is_old());
  for (int go = 0; go < goes_max; ++go) {
    bool merged = false;
    for (std::optional<SensorId> from = SensorId{INT64_MIN}; from;) {
      ChunkKeeper::Step step;
      {
        const std::lock_guard lock(writing_);
        IOT_TRY(step, keeper_.tidy(*from, ages_of, policy, totals));
      }
      from = step.next;
      merged = merged || step.merged || !step.to_roll_up.empty();
      if (!goes_on_after(step.bytes, bytes_per_s)) return totals;
      for (const SensorId sensor : step.to_roll_up) {
        const auto rolled = roll_up(sensor, policy.chunk_readings, bytes_per_s);
        if (rolled && !*rolled) return totals;
        if (rolled) {
          ++totals.sensors_rolled_up;
        } else {
          stuck.insert(sensor);
          cannot_roll_up(rolled.error(), totals);
        }
      }
    }
    if (!merged) break;
  }
  IOT_CHECK(age_periods(bytes_per_s, totals));
  return totals;
}

/// Rewrites files if much of them is erased.
Result<void> Engine::give_room_back(bool always) {
  {
    const std::lock_guard lock(writing_);
    const std::uint64_t erased = keeper_.erased_bytes() + rollups_.erased_bytes();
    if (!always && (erased < erased_bytes_min || erased * 4 < db_->disk_bytes())) return {};
    IOT_CHECK(db_->sync());
    keeper_.compacted();
    rollups_.compacted();
  }
  // Without the lock: heads must be able to go to disk meanwhile.
  return db_->compact();
}

void Engine::update_gauges() noexcept {
  metrics_.heads.Set(static_cast<double>(heads_.head_count()));
  metrics_.head_bytes.Set(static_cast<double>(heads_.bytes()));
  metrics_.cache_bytes.Set(static_cast<double>(db_->memory_bytes()));
  metrics_.disk_bytes.Set(static_cast<double>(db_->disk_bytes()));
  metrics_.applied_position.Set(static_cast<double>(applied().value));
}

}  // namespace iot::store

// The part of the engine that makes periods of readings past their retention, sensor by sensor.
#include <algorithm>

#include "base/logging.h"
#include "store/embedded/engine.h"

namespace iot::store {

ChunkKeeper::Ages Engine::ages(SensorId sensor) const {
  const RollupLevels levels(retention(sensor).value_or(model::Retention()));
  return {shown(sensor).readings_from_ns, levels.readings_until_ns(clock_.now())};
}

/// Writes the shards that hold readings which are to become periods: those of a sensor that sends little may never have
/// been on disk.
Result<void> Engine::flush_what_is_old() {
  for (std::size_t shard = 0; shard < shard_count; ++shard) {
    const std::vector<SensorId> sensors = heads_.sensors(shard);
    const bool has_old = std::any_of(sensors.begin(), sensors.end(), [this](SensorId sensor) {
      const std::int64_t rolls_up_ns = ages(sensor).rolls_up_ns;
      return rolls_up_ns > 0 && heads_.oldest_ns(sensor).value_or(INT64_MAX) < rolls_up_ns;
    });
    if (!has_old) continue;
    const std::lock_guard lock(writing_);
    IOT_CHECK(write_shard(shard));
  }
  return {};
}

/// All that is due of one sensor; false if it is time to stop.
Result<bool> Engine::roll_up(SensorId sensor, std::size_t chunk_readings, std::uint64_t bytes_per_s) {
  while (true) {
    RollupKeeper::Step step;
    {
      const std::lock_guard lock(writing_);
      const auto kept = retention(sensor);
      if (!kept) return true;
      const RollupLevels levels(*kept);
      const Timestamp now = clock_.now();
      IOT_TRY(step, rollups_.age(sensor, levels, now));
      if (!step.more && levels.any()) {
        // What came late meanwhile is counted too, as it was acknowledged before.
        const auto oldest_ns = heads_.oldest_ns(sensor);
        if (oldest_ns && *oldest_ns < levels.readings_until_ns(now)) {
          IOT_CHECK(write_shard(Heads::shard_of(sensor)));
        }
        IOT_TRY(step, rollups_.roll_up(sensor, levels, now, chunk_readings));
      }
    }
    if (!goes_on_after(step.bytes, bytes_per_s)) return false;
    if (!step.more) return true;
  }
}

/// Periods of all sensors that have reached their age, also of those without readings; false if it is time to stop.
Result<bool> Engine::age_periods(std::uint64_t bytes_per_s, MaintenanceTotals& totals) {
  std::string from = std::string(rolled_up_begin);
  while (true) {
    std::optional<SensorId> sensor;
    {
      const auto reader = db_->reader(ChunkDb::Use::query);
      reader->seek(from);
      if (reader->at(rolled_up_begin)) sensor = parse_rolled_up_key(reader->key());
      IOT_CHECK(reader->status());
    }
    if (!sensor) return true;
    from = rolled_up_key(*sensor) + '\0';
    for (bool more = true; more;) {
      RollupKeeper::Step step;
      const auto kept = retention(*sensor);
      if (!kept) return true;
      {
        const std::lock_guard lock(writing_);
        auto aged = rollups_.age(*sensor, RollupLevels(*kept), clock_.now());
        if (aged) {
          step = *aged;
        } else {
          cannot_roll_up(aged.error(), totals);
        }
      }
      more = step.more;
      if (step.bytes > 0 && !goes_on_after(step.bytes, bytes_per_s)) return false;
    }
  }
}

void Engine::cannot_roll_up(const Error& error, MaintenanceTotals& totals) {
  ++totals.chunks_damaged;
  metrics_.damaged_chunks.Increment();
  log_error("readings past their retention cannot be rolled up and stay", {{"reason", error.message}});
}

}  // namespace iot::store

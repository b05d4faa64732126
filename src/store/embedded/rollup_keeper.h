// Makes minutes, hours and days of readings that have reached their age, longer periods of shorter ones, and lets the
// last go. The caller keeps writers out, and what is in memory of the sensor must be on disk.
//
// Every step is one batch: readings go in the same moment in which their periods come, also across a crash. So whoever
// looks sees each reading once, as itself or in a period; which one says RolledUp, of the same snapshot.
#pragma once

#include <vector>

#include "store/embedded/chunk_db.h"
#include "store/embedded/chunk_keeper.h"
#include "store/embedded/rollup_levels.h"
#include "store/embedded/store_metrics.h"

namespace iot::store {

class RollupKeeper {
 public:
  /// Both must outlive the keeper.
  RollupKeeper(ChunkDb& db, StoreMetrics& metrics) : db_(db), metrics_(metrics) {}

  struct Step {
    bool more = false;        ///< call again
    std::uint64_t bytes = 0;  ///< read and written, about
  };
  /// Periods that have reached their age become longer ones or go. Before roll_up(): so shorter periods are always the
  /// newer ones. Errc::damaged, io_failed.
  Result<Step> age(SensorId sensor, const RollupLevels& levels, Timestamp now);
  /// Readings that have reached their age become periods; those of texts go. A chunk that cannot be read stays, and
  /// with it all that is not older, until its periods would have expired. `chunk_readings`: what a chunk of the rest
  /// holds at most. Errc::damaged, io_failed.
  Result<Step> roll_up(SensorId sensor, const RollupLevels& levels, Timestamp now, std::size_t chunk_readings);

  /// Adds to `batch` that nothing rolled up is left of the sensor.
  Result<void> erase_all(SensorId sensor, ChunkBatch& batch);
  /// Removes the oldest blocks of all sensors, at least `bytes` of them if there are as many. Returns the bytes.
  Result<std::uint64_t> drop_oldest(std::uint64_t bytes);

  /// As of ChunkKeeper.
  std::uint64_t erased_bytes() const noexcept { return erased_bytes_; }
  void compacted() noexcept { erased_bytes_ = 0; }

 private:
  /// What one step changes of a sensor.
  struct Change {
    SensorId sensor;
    RolledUp rolled_up;
    ChunkBatch batch;
  };
  void put(const Lane& lane, const std::vector<Summary>& parts, Change& change);
  void erase(const RollupBlock& block, Change& change);
  Result<void> add(ChunkReader& reader, const Lane& lane, std::vector<Summary> parts, Change& change);
  Result<void> write(Change change);
  Result<bool> expire(ChunkReader& reader, const Lane& lane, std::int64_t before_ns, Change& change);
  Result<bool> lengthen(ChunkReader& reader, const Lane& lane, RollupLevels::Step step, Change& change);

  ChunkDb& db_;
  StoreMetrics& metrics_;
  std::uint64_t erased_bytes_ = 0;
};

}  // namespace iot::store

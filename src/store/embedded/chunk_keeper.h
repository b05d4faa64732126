// Work on chunks that are on disk already: merging, expiring, dropping, removing. The caller keeps writers out.
//
// Every change is one batch: old chunks go in the same moment in which the new one comes, also across a crash.
#pragma once

#include <optional>
#include <vector>

#include "store/embedded/chunk_db.h"
#include "store/embedded/embedded_store.h"
#include "store/embedded/merge_plan.h"
#include "store/embedded/store_metrics.h"

namespace iot::store {

/// One sensor's chunks, in order of first time.
struct Series {
  SensorId sensor;
  std::vector<ChunkEntry> entries;
  std::uint64_t damaged = 0;  ///< index entries that cannot be read
};

/// The chunks of the sensor whose first index entry the reader is at, which it then is past; nothing at the index's
/// end.
Result<std::optional<Series>> read_series(ChunkReader& reader);

class ChunkKeeper {
 public:
  /// Both must outlive the keeper.
  ChunkKeeper(ChunkDb& db, StoreMetrics& metrics) : db_(db), metrics_(metrics) {}

  struct Step {
    std::optional<SensorId> next;  ///< where to go on; nothing at the end
    std::uint64_t bytes = 0;       ///< read and written, about
    bool merged = false;
    std::vector<SensorId> to_roll_up;  ///< with chunks that reach before Ages::rolls_up_ns; they were left alone
  };
  /// What is too old of a sensor.
  struct Ages {
    std::int64_t expires_ns = 0;   ///< readings before it go; 0: none
    std::int64_t rolls_up_ns = 0;  ///< readings before it become periods; 0: none
  };
  using AgesOf = std::function<Ages(SensorId)>;
  /// Expires and merges what is due, of some sensors from `from` on.
  Result<Step> tidy(SensorId from, const AgesOf& ages_of, const MergePolicy& policy, MaintenanceTotals& totals);

  /// As EmbeddedStore::drop_oldest(), without giving the room back.
  Result<std::uint64_t> drop_oldest(std::uint64_t bytes);

  /// Adds to `batch` that all chunks of the sensor go.
  Result<void> erase_all(SensorId sensor, ChunkBatch& batch);

  /// Bytes erased since the last call of compacted(); they take room until the files are compacted.
  std::uint64_t erased_bytes() const noexcept { return erased_bytes_; }
  void compacted() noexcept { erased_bytes_ = 0; }

 private:
  void erase(const ChunkEntry& entry, ChunkBatch& batch);
  Result<void> merge(const Series& series, const std::vector<std::size_t>& group, const MergePolicy& policy,
                     ChunkReader& reader, ChunkBatch& batch);

  ChunkDb& db_;
  StoreMetrics& metrics_;
  std::uint64_t erased_bytes_ = 0;
};

}  // namespace iot::store

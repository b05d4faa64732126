// The embedded store put together: heads, the chunk database, and one background thread that moves readings from the
// first into the second and keeps the second tidy.
//
// Locks, always taken in this order: writing_ (whoever changes the database), then a shard's lock inside Heads. The
// log's thread takes shard locks alone.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "model/reading_batch.h"
#include "store/embedded/chunk_keeper.h"
#include "store/embedded/decoded_chunks.h"
#include "store/embedded/heads.h"
#include "store/embedded/newest.h"
#include "store/embedded/rollup_keeper.h"

namespace iot::store {

class Engine final : public EmbeddedStore {
 public:
  Engine(EmbeddedStoreOptions options, std::unique_ptr<ChunkDb> db, Metrics& metrics, const Clock& clock);
  ~Engine() override;
  /// Reads positions and tombstones, and starts the background thread.
  Result<void> start();

  void committed(std::span<const log::Record> records) noexcept override;
  Result<std::unique_ptr<Cursor>> scan(SensorId sensor, TimeRange range, Direction direction) override;
  Result<SeriesInfo> info(SensorId sensor) override;
  Result<std::vector<std::optional<Reading>>> latest(std::span<const SensorId> sensors) override;
  Result<std::vector<std::optional<Timestamp>>> newest_times(std::span<const SensorId> sensors) override;
  Result<void> remove(SensorId sensor) override;

  log::Position applied() const noexcept override { return {applied_.load(std::memory_order_acquire)}; }
  void set_retention_policy(RetentionPolicy policy) override;
  Result<void> remove_all(std::span<const SensorId> sensors) override;
  Result<void> flush() override;
  Result<MaintenanceTotals> maintain() override;
  Result<void> compact() override;
  Result<std::uint64_t> drop_oldest(std::uint64_t bytes) override;
  std::uint64_t disk_bytes() const override { return db_->disk_bytes(); }
  std::uint64_t memory_bytes() const override { return heads_.bytes() + db_->memory_bytes() + decoded_.bytes(); }
  Result<void> close() override;

 private:
  /// What a replay must not bring again.
  class ReplayFilter final : public Heads::Filter {
   public:
    bool wanted(SensorId sensor, log::Position position) const noexcept override;
    /// The last position for which it has to be asked.
    log::Position until() const noexcept;

    std::array<std::uint64_t, shard_count> shards{};
    std::map<std::int64_t, std::uint64_t> removed;
  };

  void take(const log::Record& record, std::size_t& readings);
  void wait_for_room() noexcept;
  void wake() noexcept;

  /// What of a sensor is shown, beside what is rolled up.
  struct Shown {
    std::int64_t readings_from_ns = 0;
    std::int64_t periods_from_ns = 0;
  };
  /// Nothing without a policy: then all stays as it is.
  std::optional<model::Retention> retention(SensorId sensor) const;
  Shown shown(SensorId sensor) const;
  ChunkKeeper::Ages ages(SensorId sensor) const;
  /// What is newest of each sensor, without what is too old.
  struct NewestOfEach {
    std::unique_ptr<ChunkReader> reader;
    std::vector<Newest> newest;
  };
  Result<NewestOfEach> newest_of(std::span<const SensorId> sensors);

  // With writing_ held:
  Result<void> write_shard(std::size_t shard);
  Result<void> write_all();
  Result<void> release_tombstones();

  void run() noexcept;
  void do_what_waits();
  Result<void> make_room();
  Result<MaintenanceTotals> tidy_all(const MergePolicy& policy, std::uint64_t bytes_per_s);
  bool goes_on_after(std::uint64_t bytes, std::uint64_t bytes_per_s);
  Result<void> flush_what_is_old();
  Result<bool> roll_up(SensorId sensor, std::size_t chunk_readings, std::uint64_t bytes_per_s);
  Result<bool> age_periods(std::uint64_t bytes_per_s, MaintenanceTotals& totals);
  void cannot_roll_up(const Error& error, MaintenanceTotals& totals);
  Result<void> give_room_back(bool always);
  bool pause(std::chrono::nanoseconds duration);
  void stop_thread() noexcept;
  void update_gauges() noexcept;
  std::size_t heads_bytes_max() const noexcept { return options_.memory_bytes_max / 2; }

  const EmbeddedStoreOptions options_;
  const std::unique_ptr<ChunkDb> db_;
  StoreMetrics metrics_;
  const Clock& clock_;
  Heads heads_;
  DecodedChunks decoded_;

  // The log's thread alone.
  model::ReadingBatch batch_;
  ReplayFilter filter_;
  log::Position filter_until_;  ///< later records need not be filtered

  std::atomic<std::uint64_t> applied_{0};
  std::atomic<std::uint64_t> unapplied_bytes_{0};

  mutable std::mutex policy_mutex_;
  std::shared_ptr<const RetentionPolicy> policy_;

  std::mutex writing_;
  ChunkKeeper keeper_;                                ///< with writing_ held
  RollupKeeper rollups_;                              ///< with writing_ held
  std::array<std::uint64_t, shard_count> written_{};  ///< with writing_ held: positions in the database, synced or not
  std::map<std::int64_t, std::uint64_t> tombstones_;  ///< with writing_ held

  std::mutex wake_mutex_;
  std::condition_variable wake_;  ///< the background thread's
  std::condition_variable room_;  ///< the log's thread's, when memory is full
  bool stopping_ = false;
  std::atomic<bool> awake_{false};
  std::thread thread_;
};

}  // namespace iot::store

// The reading store on this machine's disk: the newest readings in memory, the rest as compressed chunks in RocksDB.
//
// Where a reading is safe: the event log has it before committed() is called; applied() says up to where the store has
// everything on disk by itself. After a crash the server replays the log from there, and every reading is there once.
// Why it is built so: docs/decisions/0003-reading-store.md. What lies on disk: docs/formats/chunk-database.md.
//
// Threads: committed() on the log's thread; everything else on any thread. Cursors must not outlive the store.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/metrics.h"
#include "model/retention.h"
#include "store/reading_store.h"

namespace iot::store {

struct EmbeddedStoreOptions {
  /// Heads, chunks that wait to be written, RocksDB's caches and write buffers together; 16 MiB or more. Half of it is
  /// for readings; past three quarters committed() waits for the disk.
  std::size_t memory_bytes_max = std::size_t{256} << 20;
  /// What queries keep decoded, beside that.
  std::size_t decoded_bytes_max = std::size_t{128} << 20;
  /// committed() waits so long for room at most, for one call; then it goes on past the bound, and counts that.
  std::chrono::milliseconds stall_max{10'000};
  /// When the log holds so many bytes that are not applied, heads are written, so that a restart replays no more.
  std::uint64_t unapplied_bytes_max = std::uint64_t{256} << 20;
  /// A head is compressed at so many readings, from 64 to 16,384.
  std::size_t readings_per_chunk = 8'192;
  /// Merging makes chunks of at most so many, not less than readings_per_chunk, at most 65,536.
  std::size_t readings_per_merged_chunk = 16'384;
  /// How often chunks are looked through for what can be merged or is too old; 0: only when maintain() is called.
  std::chrono::milliseconds maintenance_interval{60'000};
  /// Merging writes so many bytes a second, so that it does not get in the way.
  std::uint64_t maintenance_bytes_per_s = std::uint64_t{16} << 20;
  /// Called each time applied() has moved, on whichever thread wrote. May call log::EventLog::release().
  std::function<void(log::Position)> on_applied;
};

/// How long readings of a sensor are kept, and what is known of their periods after that. Called on any thread, often;
/// must be quick and not call the store.
using RetentionPolicy = std::function<model::Retention(SensorId)>;

struct MaintenanceTotals {
  std::uint64_t chunks_merged = 0;      ///< chunks that went into larger ones
  std::uint64_t chunks_expired = 0;     ///< chunks that were older than the retention
  std::uint64_t chunks_damaged = 0;     ///< chunks that could not be read, and were left as they are
  std::uint64_t sensors_rolled_up = 0;  ///< sensors of which readings became minutes, hours or days
};

struct VerifyTotals {
  std::uint64_t chunks = 0;
  std::uint64_t readings = 0;
  std::uint64_t periods = 0;  ///< minutes, hours and days of readings that have gone
  std::uint64_t damaged = 0;
};

class EmbeddedStore : public ReadingStore {
 public:
  /// Opens or makes the store in `directory`, whose parent must exist. `metrics` and `clock` must outlive it.
  /// Errc::io_failed (also where another process has it open), damaged, newer_format.
  static Result<std::unique_ptr<EmbeddedStore>> open(const std::filesystem::path& directory,
                                                     EmbeddedStoreOptions options, Metrics& metrics,
                                                     const Clock& clock);

  /// Reads every chunk and checks every checksum of a store that nobody has open. `report` hears a sentence for each
  /// fault. The error is why it could not be read at all.
  static Result<VerifyTotals> verify(const std::filesystem::path& directory,
                                     const std::function<void(std::string_view)>& report);

  /// Everything up to here (included) is on disk in the store, and survives without the log. committed() ignores
  /// records up to it.
  virtual log::Position applied() const noexcept = 0;

  /// Readings older than the policy says are not shown from now on; maintenance removes them from the disk. Where their
  /// periods are kept longer, they are shown until maintenance has made those of them, up to a step later (see
  /// rollup_levels.h); readings that come for a time before that are dropped.
  virtual void set_retention_policy(RetentionPolicy policy) = 0;

  /// Removes many sensors at the cost of one. As remove().
  virtual Result<void> remove_all(std::span<const SensorId> sensors) = 0;

  /// Everything committed before the call is on disk when it returns; applied() has moved. Errc::io_failed: nothing is
  /// lost, try again.
  virtual Result<void> flush() = 0;

  /// One pass of merging and retention over all sensors, at full speed.
  virtual Result<MaintenanceTotals> maintain() = 0;

  /// flush(), then merges all that can be merged and rewrites the files to their smallest. For backups and benchmarks.
  virtual Result<void> compact() = 0;

  /// Removes the oldest chunks of all sensors, at least `bytes` of them where there are as many, but never a sensor's
  /// newest chunk nor what is in memory; where that is not enough, the oldest rolled-up periods too. Gives the room
  /// back to the file system. Returns the bytes removed.
  virtual Result<std::uint64_t> drop_oldest(std::uint64_t bytes) = 0;

  /// Bytes of the files in the directory.
  virtual std::uint64_t disk_bytes() const = 0;

  /// Memory that the store accounts for: heads, waiting chunks, RocksDB's caches and buffers.
  virtual std::uint64_t memory_bytes() const = 0;

  /// flush() and the end of the background thread; afterwards only destruction is allowed. Destruction alone is like a
  /// crash: what is not applied comes from the log again.
  virtual Result<void> close() = 0;
};

}  // namespace iot::store

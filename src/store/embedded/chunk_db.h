// The chunks on disk: RocksDB behind what the store needs of it. RocksDB's headers stay in the .cpp files.
//
// RocksDB's own write-ahead log is off; the event log is ours (docs/decisions/0003-reading-store.md). So what was
// written is seen at once by every reader opened later, but is only on disk after sync(), in the order of the writes
// and each batch whole: after a crash the database is as it was after one of its batches.
//
// Threads: any. Readers and batches belong to one thread each, and must not outlive the database.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/failure.h"
#include "store/embedded/bounded_cache.h"
#include "store/embedded/chunk_entry.h"
#include "store/embedded/rollup.h"
#include "store/embedded/rollup_block.h"

namespace rocksdb {
class DB;
class Iterator;
class Snapshot;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace iot::store {

/// Errc::io_failed or damaged, "doing: reason".
Error rocks_error(const rocksdb::Status& status, std::string_view doing);

/// Changes that come to disk together or not at all.
class ChunkBatch {
 public:
  ChunkBatch();
  ~ChunkBatch();
  ChunkBatch(ChunkBatch&&) noexcept;
  ChunkBatch& operator=(ChunkBatch&&) noexcept;

  /// Adds an encoded chunk. Errc::damaged if it is not one: a mistake of the encoder that must not reach the disk.
  Result<void> put(SensorId sensor, std::uint64_t sequence, const EncodedChunk& chunk);
  void erase(const ChunkEntry& entry);
  /// Erases an index entry that cannot be read any more.
  void erase_index_key(std::string_view key);
  void put_number(std::string_view key, std::uint64_t number);
  void erase_number(std::string_view key);
  /// Of the sensor's rolled-up time (rollup_block.h).
  void put_rollup(SensorId sensor, std::string_view key, std::string_view value);
  void erase_rollup(SensorId sensor, std::string_view key);

  std::size_t bytes() const noexcept;
  bool empty() const noexcept;

 private:
  friend class ChunkDb;
  void touch(SensorId sensor);

  std::unique_ptr<rocksdb::WriteBatch> batch_;
  std::vector<SensorId> sensors_;  ///< whose chunks it changes
  std::uint64_t sequence_ = 0;     ///< the highest that was put
};

/// All chunks of a sensor, in order of first time. Immutable.
struct ChunkList {
  std::vector<ChunkEntry> entries;
  bool by_last_too = true;  ///< that is also the order of last times
  RolledUp rolled_up;       ///< of the same moment
};

class ChunkDb;

/// The database as it was when the reader was made. Holds on to what is gone otherwise, so do not keep it.
class ChunkReader {
 public:
  ~ChunkReader();

  /// All chunks of the sensor, or null if there are more than are listed at once. Of `sensor` only which the reader was
  /// made for. Moves the reader. Errc::damaged, io_failed, newer_format.
  Result<std::shared_ptr<const ChunkList>> list();

  /// Up to where readings of the sensor have become periods. The first is for whom the reader was made for one sensor.
  /// Errc::damaged, io_failed.
  Result<RolledUp> rolled_up();
  Result<RolledUp> rolled_up(SensorId sensor) const;

  /// Goes to the first index entry at or after `key` (or the last at or before it).
  void seek(std::string_view key);
  void seek_for_previous(std::string_view key);
  void next();
  void previous();
  /// At an entry whose key begins with `prefix`.
  bool at(std::string_view prefix) const;
  std::string_view key() const;
  std::string_view value() const;
  /// Why the reader is at no entry, if that is not simply the end. Errc::damaged, io_failed.
  Result<void> status() const;

  /// Another one on the same state of the database, for another thread.
  std::unique_ptr<ChunkReader> twin() const;

  /// The chunk; valid until the reader is moved. Moves the reader. Errc::damaged, io_failed.
  Result<std::string_view> bytes(const ChunkEntry& entry);
  /// The chunk's readings. Moves the reader. Errc::damaged, io_failed, newer_format.
  Result<void> decode(const ChunkEntry& entry, Columns& columns);

 private:
  friend class ChunkDb;
  ChunkReader(const ChunkDb& db, bool keeps_blocks);
  rocksdb::Iterator& iterator() const;
  Result<std::shared_ptr<const ChunkList>> read_list();

  const ChunkDb& db_;
  const bool keeps_blocks_;
  std::shared_ptr<const rocksdb::Snapshot> snapshot_;
  std::uint64_t state_ = 0;  ///< of the database, see ChunkDb
  std::optional<SensorId> sensor_;
  std::shared_ptr<const ChunkList> list_;
  /// Made when it is needed: much is known without looking into the database.
  mutable std::unique_ptr<rocksdb::Iterator> iterator_;
};

/// Names the entry's sensor and time range.
std::string describe(const ChunkEntry& entry);

class ChunkDb {
 public:
  enum class Mode { read_write, read_only };
  /// Errc::io_failed (also where another process has it open), damaged, newer_format.
  static Result<std::unique_ptr<ChunkDb>> open(const std::filesystem::path& directory, std::size_t memory_bytes_max,
                                               Mode mode);
  ~ChunkDb();

  /// Keeps walks over everything from pushing what queries use out of the cache.
  enum class Use { query, sweep };
  std::unique_ptr<ChunkReader> reader(Use use) const;
  /// For queries of one sensor.
  std::unique_ptr<ChunkReader> reader(SensorId sensor) const;

  /// Visible to readers made from now on.
  Result<void> write(ChunkBatch batch);
  /// All that was written is on disk, synced.
  Result<void> sync();
  /// The next number for a chunk; it is on disk with the batch that uses it.
  std::uint64_t next_sequence() noexcept { return ++sequence_; }

  Result<std::optional<std::uint64_t>> number(std::string_view key) const;
  Result<std::map<std::int64_t, std::uint64_t>> tombstones() const;

  /// Rewrites the files, so that what was erased takes no room any more. May take long.
  Result<void> compact();
  /// Reads every block of every file. Errc::damaged.
  Result<void> verify_checksums();

  /// Bytes of all files in the directory.
  std::uint64_t disk_bytes() const;
  /// Memory of caches, of lists of chunks and of what waits to be written to files.
  std::uint64_t memory_bytes() const;

 private:
  ChunkDb(std::filesystem::path directory, std::unique_ptr<rocksdb::DB> db, std::size_t list_bytes_max);
  Result<void> read_format(Mode mode);

  friend class ChunkReader;
  std::shared_ptr<const rocksdb::Snapshot> take_snapshot();
  void offer(SensorId sensor, std::uint64_t state, std::shared_ptr<const ChunkList> list) const;

  std::filesystem::path directory_;
  std::unique_ptr<rocksdb::DB> db_;
  std::atomic<std::uint64_t> sequence_{0};

  /// What was written last, with what is known of it: a list here is always that of the snapshot.
  mutable std::mutex state_mutex_;
  std::uint64_t state_ = 0;  ///< grows with every write
  std::shared_ptr<const rocksdb::Snapshot> snapshot_;
  mutable BoundedCache<SensorId, std::shared_ptr<const ChunkList>> lists_;
};

}  // namespace iot::store

// All readings that are in memory only, spread over shards so that readers and the committing thread seldom meet.
//
// A record's readings go in under the locks of all shards that it touches, so a shard that is taken out for writing
// holds each record wholly or not at all, and knows the position up to which it has seen the log. Every shard has a
// position of its own on disk: shards are written one after the other, while others are filled.
//
// Threads: insert() for the committing thread alone; take_out(), encode_parts() and written() for one background thread
// at a time; everything else for any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "log/event_log.h"
#include "model/reading_batch.h"
#include "store/embedded/head_set.h"

namespace iot::store {

/// Not above 63 with one to spare: the thread sanitizer follows 64 locks held at once.
inline constexpr std::size_t shard_count = 32;

/// A sensor's readings in memory at one moment. Immutable.
struct MemoryView {
  std::vector<HeadView> raw;
  std::vector<std::shared_ptr<const EncodedPart>> chunks;
};

class Heads {
 public:
  /// A head becomes a part at so many readings.
  explicit Heads(std::size_t readings_per_chunk);

  static std::size_t shard_of(SensorId sensor) noexcept {
    return static_cast<std::uint64_t>(sensor.value) * 0xC2B2'AE3D'27D4'EB4Fu >> 59;
  }
  static_assert(shard_count == 32, "shard_of takes the five highest bits");

  /// Which readings of a record are not wanted: a shard that has them on disk, a sensor that was removed.
  class Filter {
   public:
    virtual bool wanted(SensorId sensor, log::Position position) const noexcept = 0;

   protected:
    ~Filter() = default;
  };

  /// Adds the record's readings; `filter` may be null. Returns how many were added.
  std::size_t insert(const model::ReadingBatch& batch, log::Position position, const Filter* filter);

  /// The position of the last record that was inserted, or that was passed over.
  log::Position committed() const noexcept { return {committed_.load(std::memory_order_acquire)}; }
  void pass_over(log::Position position) noexcept { committed_.store(position.value, std::memory_order_release); }

  /// The sensor's readings. Sorts the head, if that is needed, and keeps it sorted for the next reader.
  MemoryView view(SensorId sensor);

  /// The time of the sensor's oldest reading in memory; nothing if there is none.
  std::optional<std::int64_t> oldest_ns(SensorId sensor) const;
  /// Sensors with readings in the shard; one whose are being written may be there twice.
  std::vector<SensorId> sensors(std::size_t shard) const;

  struct TakenOut {
    std::shared_ptr<const HeadSet> set;  ///< null where the shard is empty
    log::Position position;              ///< the shard has nothing of a record up to here that is not in `set`
  };
  /// Takes a shard's readings out for writing; they stay visible until written(). What was taken out before and could
  /// not be written comes again.
  TakenOut take_out(std::size_t shard);
  /// The shard's readings are on disk where readers find them.
  void written(std::size_t shard);

  /// Encodes parts that wait for it, at most `chunks_max`, each with a number from `next_sequence`; returns how many.
  std::size_t encode_parts(std::size_t chunks_max, const std::function<std::uint64_t()>& next_sequence);
  bool parts_wait() const noexcept { return parts_waiting_.load(std::memory_order_relaxed) > 0; }

  /// Forgets a sensor's readings. Returns the last position of which something may have been forgotten. Not during
  /// take_out() to written() of a write that goes on.
  log::Position remove(SensorId sensor);

  /// Memory of all heads and parts, and of one shard's.
  std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
  std::size_t shard_bytes(std::size_t shard) const;
  std::size_t head_count() const;

 private:
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::shared_ptr<HeadSet> active = std::make_shared<HeadSet>();
    std::shared_ptr<HeadSet> taken_out;
    log::Position taken_out_at;
  };

  std::size_t insert_run(HeadSet& set, const model::ReadingBatch& batch, std::size_t from, std::size_t to);
  void keep_sorted(Shard& shard, SensorId sensor, const HeadView& before, const HeadView& sorted);
  std::size_t encode_part(Shard& shard, SensorId sensor, std::uint64_t sequence);

  const std::size_t readings_per_chunk_;
  std::array<Shard, shard_count> shards_;
  std::atomic<std::uint64_t> committed_{0};
  std::atomic<std::size_t> bytes_{0};
  std::atomic<std::size_t> parts_waiting_{0};
};

/// A part or head as an encoded chunk.
EncodedChunk encode_view(const HeadView& view);

}  // namespace iot::store

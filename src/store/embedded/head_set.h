// The heads of one shard's sensors, and the parts that grew full: everything in memory that one write to disk takes
// along.
//
// Not thread-safe: the shard's lock guards it while readings are added; after that it does not change any more, except
// that remove() and the replacing of a part by its chunk happen under the same lock.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

#include "store/embedded/head.h"
#include "store/embedded/rollup.h"

namespace iot::store {

/// A part's readings as an encoded chunk.
struct EncodedPart {
  EncodedChunk chunk;
  ChunkInfo info;
  std::uint64_t sequence;  ///< what it will have on disk

  std::size_t memory_bytes() const noexcept { return chunk.bytes.capacity() + chunk.rollup.capacity(); }
};

/// A full head: first as it was, then encoded by the background thread.
struct Part {
  HeadView raw;                              ///< without a buffer once it is encoded
  std::shared_ptr<const EncodedPart> chunk;  ///< null until it is encoded
};

class HeadSet {
 public:
  HeadSet();

  /// The sensor's head, without a buffer where there was none (then the caller makes one and calls added()). Valid
  /// until the next call. Not for no_sensor.
  Head& find_or_add(SensorId sensor);
  void added() noexcept { ++head_count_; }
  /// Null where the sensor has no head.
  Head* find(SensorId sensor) noexcept;
  const Head* find(SensorId sensor) const noexcept { return const_cast<HeadSet*>(this)->find(sensor); }

  /// Turns the head into a part, and leaves it empty.
  void seal(Head& head);

  /// Its parts, oldest first, or null.
  const std::vector<Part>* parts(SensorId sensor) const noexcept;
  std::vector<Part>* parts(SensorId sensor) noexcept;

  /// Forgets the sensor's readings. Returns the bytes that came free.
  std::size_t remove(SensorId sensor);

  /// Sensors that have something here, each once.
  std::vector<SensorId> sensors() const;
  std::size_t head_count() const noexcept { return head_count_; }
  bool empty() const noexcept { return head_count_ == 0 && parts_.empty(); }

  /// Sensors with a part that waits to be encoded; taken by the background thread.
  std::vector<SensorId> unencoded;

  /// Memory in all. What appending to a head adds, the caller adds here.
  std::size_t bytes = 0;

 private:
  std::size_t slot_of(SensorId sensor) const noexcept {
    // Other bits of the id's product than those which chose the shard.
    std::size_t slot = std::hash<SensorId>{}(sensor)&mask_;
    while (table_[slot].sensor != no_sensor && table_[slot].sensor != sensor) slot = (slot + 1) & mask_;
    return slot;
  }
  void grow_table();

  std::vector<Head> table_;  ///< open addressing, linear probing; at most three quarters full
  std::size_t mask_;
  std::size_t used_slots_ = 0;
  std::size_t head_count_ = 0;
  std::unordered_map<SensorId, std::vector<Part>> parts_;
};

/// What a head or a part occupies.
std::size_t memory_bytes(const HeadView& view) noexcept;

}  // namespace iot::store

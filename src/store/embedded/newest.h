// The newest reading of a sensor, from its heads and index entries: a chunk is decoded only where it holds texts, and
// then that one alone.
#pragma once

#include <optional>
#include <vector>

#include "store/embedded/source.h"

namespace iot::store {

/// Gathers a sensor's sources and keeps those that end last.
class Newest {
 public:
  void add(Source source);
  /// False where a source that ends so makes no difference.
  bool wants(std::int64_t last_ns) const noexcept { return ending_last_.empty() || last_ns >= last_ns_; }

  /// The newest reading's; nothing where there is no source.
  std::optional<Timestamp> time() const noexcept {
    return ending_last_.empty() ? std::nullopt : std::optional(Timestamp{last_ns_});
  }
  /// The newest reading, and of several at its time the one that comes last; nothing where there is no source. `reader`
  /// is used for chunks on disk, and moved. Errc::damaged, io_failed, newer_format.
  Result<std::optional<Reading>> find(ChunkReader& reader, DecodedChunks& decoded) const;

 private:
  std::int64_t last_ns_ = 0;
  std::vector<Source> ending_last_;
};

/// Adds chunks of sensors to what is gathered of them, with one reader for all, which walks on from one sensor to the
/// next where their ids ascend.
class NewestChunks {
 public:
  /// `reader` must outlive it, and may be moved by others between calls.
  explicit NewestChunks(ChunkReader& reader) : reader_(reader) {}

  /// Errc::damaged, io_failed, newer_format.
  Result<void> add(SensorId sensor, Newest& newest);

 private:
  Result<void> add_entry(SensorId sensor, Newest& newest);
  Result<void> add_from_stream(SensorId sensor, Newest& newest);

  ChunkReader& reader_;
};

}  // namespace iot::store

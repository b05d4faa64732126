// One sensor's chunks on disk that reach into a time range, in the order in which a cursor meets them, a few at a time.
//
// Ascending: by first time. Descending: by last time, newest first. Reads index entries alone, and hardly more of them
// than it gives, see span_class_of().
#pragma once

#include <memory>
#include <vector>

#include "store/embedded/chunk_db.h"

namespace iot::store {

class ChunkStream {
 public:
  /// `reader` must outlive the stream, and may be used by others between calls.
  ChunkStream(ChunkReader& reader, SensorId sensor, TimeRange range, Direction direction);

  /// The next entry, or null at the end. Valid until the next call. After an error the stream is at its end.
  Result<const ChunkEntry*> peek();
  /// Takes the entry that peek() gave.
  ChunkEntry pop();

 private:
  /// The entries of one span class.
  struct Lane {
    unsigned span_class;
    std::string resume;  ///< the key to go on at; empty at the end
    /// What is not read yet does not come before this time: a first time, or, descending, a last time.
    std::int64_t bound_ns;
  };

  Result<void> find_lanes();
  Result<void> read_page(Lane& lane);
  Result<void> take_entry();
  bool lane_goes_on(const Lane& lane) const;
  Lane* lane_to_read();
  bool comes_later(const ChunkEntry& a, const ChunkEntry& b) const noexcept;

  ChunkReader& reader_;
  SensorId sensor_;
  TimeRange range_;
  Direction direction_;
  bool started_ = false;
  std::size_t page_entries_;
  std::vector<Lane> lanes_;
  std::vector<ChunkEntry> heap_;
};

}  // namespace iot::store

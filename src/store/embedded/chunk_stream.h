// One sensor's chunks on disk that reach into a time range, in the order in which a cursor meets them.
//
// Ascending: by first time. Descending: by last time, newest first.
#pragma once

#include <memory>
#include <vector>

#include "store/embedded/chunk_db.h"

namespace iot::store {

class ChunkStream {
 public:
  virtual ~ChunkStream() = default;
  /// The next entry, or null at the end. Valid until the next call. After an error the stream is at its end.
  virtual Result<const ChunkEntry*> peek() = 0;
  /// Takes the entry that peek() gave.
  virtual std::shared_ptr<const ChunkEntry> pop() = 0;
};

/// Of `reader`, which was made for the sensor, must outlive the stream, and may be used by others between calls.
Result<std::unique_ptr<ChunkStream>> open_chunk_stream(ChunkReader& reader, SensorId sensor, TimeRange range,
                                                       Direction direction);

/// Of a list of all the sensor's chunks.
class ListedChunks final : public ChunkStream {
 public:
  ListedChunks(std::shared_ptr<const ChunkList> list, TimeRange range, Direction direction);

  Result<const ChunkEntry*> peek() override;
  std::shared_ptr<const ChunkEntry> pop() override;

 private:
  const ChunkEntry& at(std::size_t place) const noexcept;

  std::shared_ptr<const ChunkList> list_;
  TimeRange range_;
  Direction direction_;
  /// Where the list is not in the wanted order: the places in it, in that order.
  std::vector<std::uint32_t> places_;
  std::size_t next_ = 0;
  std::size_t end_ = 0;
};

/// Reads index entries alone, a few at a time, and hardly more of them than it gives, see span_class_of().
class PagedChunks final : public ChunkStream {
 public:
  PagedChunks(ChunkReader& reader, SensorId sensor, TimeRange range, Direction direction);

  Result<const ChunkEntry*> peek() override;
  std::shared_ptr<const ChunkEntry> pop() override;

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

// The segments that there are now and how far they are durable: what the writer, readers and retention share.
//
// Any thread. A segment ends where the next one begins: what an older file still holds behind that is void (it was
// never acknowledged).
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "log/event_log.h"

namespace iot::log {

struct Segment {
  Position first;
  std::string path;
  Timestamp created;
};

/// A segment as a reader may use it at this moment.
struct SegmentView {
  std::shared_ptr<const Segment> segment;
  /// Position behind its last durable record.
  Position end;
  /// Where that record ends in the file; nothing if the segment will not grow any more: then the file's end.
  std::optional<std::uint64_t> durable_bytes;
};

/// A segment that might be removed.
struct OldestSegment {
  std::shared_ptr<const Segment> segment;
  Position last;
  Timestamp last_written;
  std::uint64_t bytes = 0;
};

class SegmentList {
 public:
  /// `bytes`: the file's size. The last one added is the one that is written; what was written to the one before ends
  /// at `segment.first`. A segment of the same first position takes the other's place.
  void add(Segment segment, std::uint64_t bytes);
  /// The last segment has durable records up to before `end`, and they end at `bytes`.
  void extend(Position end, std::uint64_t bytes);

  /// The segment that holds `position` or will do so; nothing if it is gone.
  std::optional<SegmentView> find(Position position) const;

  /// The oldest, unless it is the only one.
  std::optional<OldestSegment> oldest() const;
  void remove_oldest();

  Position first() const noexcept { return {first_.load(std::memory_order_acquire)}; }
  Position end() const noexcept { return {end_.load(std::memory_order_acquire)}; }
  std::size_t count() const;
  std::uint64_t bytes() const;

 private:
  struct Entry {
    std::shared_ptr<const Segment> segment;
    std::uint64_t bytes = 0;
  };

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::atomic<std::uint64_t> first_{1};
  /// Position behind the last durable record.
  std::atomic<std::uint64_t> end_{1};
};

}  // namespace iot::log

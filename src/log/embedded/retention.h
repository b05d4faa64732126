// Removes segments that the store does not need any more, oldest first, and keeps some of them for jobs that come late.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

#include "base/clock.h"
#include "base/file_system.h"
#include "log/embedded/segment_list.h"

namespace iot::log {

/// Any thread.
class Retention {
 public:
  struct Options {
    /// A released segment goes when the log is larger than this,
    std::uint64_t retain_bytes;
    /// or when its last record is older than this.
    std::chrono::seconds retain_age;
    const Clock* clock;
  };

  /// All must outlive it.
  Retention(FileSystem& files, std::string directory, Options options, SegmentList& segments) noexcept
      : files_(files), directory_(std::move(directory)), options_(options), segments_(segments) {}

  void release(Position position) noexcept;

  /// Removes what is due.
  void enforce() noexcept;

  /// Removes released segments, due or not, until `bytes` are freed or none is left; returns what was freed.
  std::uint64_t drop_oldest(std::uint64_t bytes) noexcept;

 private:
  bool is_due(const OldestSegment& oldest) const noexcept;
  /// The bytes freed by removing the oldest segment, if it is released and `wanted`; else nothing.
  template <class Wanted>
  std::optional<std::uint64_t> remove_oldest_if(Wanted wanted) noexcept;

  FileSystem& files_;
  std::string directory_;
  Options options_;
  SegmentList& segments_;
  std::atomic<std::uint64_t> released_{0};
  /// Held while a segment is removed, so that they go in order.
  std::mutex removal_;
};

}  // namespace iot::log

// Puts groups of records on disk: one write and one sync each, a new segment when one is full or has failed.
//
// Used by one thread. After an error nothing of the group counts as written, and the file is never written again: the
// kernel may have dropped what a failed sync was to save, and a later sync of the same file would not say so. The next
// write begins a new segment at the same position, which makes void whatever of the failed group reached the old one.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"
#include "log/embedded/record_format.h"
#include "log/embedded/segment_list.h"

namespace iot::log {

class SegmentWriter {
 public:
  struct Options {
    std::uint64_t segment_bytes;
    const Clock* clock;
  };

  /// All must outlive the writer. Nothing is on disk until begin_segment() or write().
  SegmentWriter(FileSystem& files, std::string directory, Options options, SegmentList& segments) noexcept
      : files_(files), directory_(std::move(directory)), options_(options), segments_(segments) {}

  /// A header for a segment that begins with `first`.
  SegmentHeader new_header(Position first) const;

  /// Makes a segment durable that holds `records` (finished with the header's salt; may be empty), of which the last is
  /// before `end`. From then on it is the one that is written, and the one before is sealed.
  Result<void> begin_segment(const SegmentHeader& header, std::string_view records, Position end);

  /// Makes a group durable: `count` records begun with begin_record(), one behind the other, which get the next
  /// positions. Their headers are finished in place. Returns the first position. Errc::disk_full, Errc::write_failed:
  /// none of them counts as written.
  Result<Position> write(std::string& records, std::size_t count);

  /// After an error: begins a new segment if there is room. The same errors.
  Result<void> recover();

  /// Gives back the room that was reserved behind the last record, as far as that works.
  void close() noexcept;

 private:
  Result<void> put(std::string_view records);
  void write_zeros_behind(std::uint64_t end) noexcept;
  void give_back_room() noexcept;
  bool needs_new_segment(std::size_t bytes) const noexcept;

  FileSystem& files_;
  std::string directory_;
  Options options_;
  SegmentList& segments_;
  std::unique_ptr<File> file_;
  SegmentHeader header_;
  bool failed_ = true;
  /// Where the last durable record ends.
  std::uint64_t end_offset_ = 0;
  /// Room that is reserved, and how far it holds zeros that were written.
  std::uint64_t reserved_bytes_ = 0;
  std::uint64_t zeroed_bytes_ = 0;
};

}  // namespace iot::log

// Reads the log's records in order over all its segments, up to what is durable.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "log/embedded/segment_directory.h"
#include "log/embedded/segment_list.h"
#include "log/embedded/segment_scanner.h"

namespace iot::log {

class SegmentReader final : public LogReader {
 public:
  /// `files` and `segments` must outlive the reader. Records before `from` are passed over.
  SegmentReader(FileSystem& files, const SegmentList& segments, Position from) noexcept
      : files_(files), segments_(segments), from_(from) {}

  Result<std::optional<Record>> next() override;

  /// Many at once: some of the next records; none at the present end. They are valid until the next call.
  Result<std::span<const Record>> next_records();

 private:
  Result<void> open(const SegmentView& view);
  Result<void> move_end(const SegmentView& view);
  /// Keeps those of `scanned` that are wanted.
  void keep(std::span<const ScannedRecord> scanned);

  FileSystem& files_;
  const SegmentList& segments_;
  Position from_;
  std::shared_ptr<const Segment> segment_;
  std::unique_ptr<File> file_;
  std::optional<SegmentScanner> scanner_;
  std::vector<Record> records_;
  std::size_t taken_ = 0;
};

/// Why a start or a read is refused, and what to do: `offset` of `path` should hold record `position`.
Error damaged_record(const std::string& path, std::uint64_t offset, Position position);

}  // namespace iot::log

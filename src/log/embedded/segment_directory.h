// The log's directory: which segments there are, and how a new one comes to be there as a whole.
//
// A segment is `<position of its first record, 20 digits>.log`. It is made under another name, written, synced and then
// renamed, so that a file with a segment's name always has a whole header.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "log/embedded/record_format.h"

namespace iot::log {

struct SegmentFile {
  Position first;
  std::string path;
};

std::string segment_path(const std::string& directory, Position first);

/// The segments, oldest first. Other files are passed over.
Result<std::vector<SegmentFile>> list_segments(FileSystem& files, const std::string& directory);

/// Removes what a crash in the middle of make_segment() left.
Result<void> remove_unfinished(FileSystem& files, const std::string& directory);

/// The header of an open segment whose name says that it begins with `first`.
Result<SegmentHeader> read_segment_header(const File& file, const SegmentFile& segment, HeaderCopies copies);

/// A segment under its temporary name.
class UnfinishedSegment {
 public:
  static Result<UnfinishedSegment> create(FileSystem& files, const std::string& directory);
  File& file() noexcept { return *file_; }
  /// Syncs it and gives it its name, in place of any segment of that name. Then it is durable.
  Result<std::unique_ptr<File>> finish(Position first);
  /// Removes it, as far as that works.
  void discard() noexcept;

 private:
  UnfinishedSegment(FileSystem& files, std::string directory, std::unique_ptr<File> file)
      : files_(&files), directory_(std::move(directory)), file_(std::move(file)) {}

  FileSystem* files_;
  std::string directory_;
  std::unique_ptr<File> file_;
};

}  // namespace iot::log

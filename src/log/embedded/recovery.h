// What a start finds out about the log, and how it makes sure of its end.
#pragma once

#include "base/metrics.h"
#include "log/embedded/segment_directory.h"
#include "log/embedded/segment_writer.h"

namespace iot::log {

/// The end of the newest segment.
struct Tail {
  /// Position behind the last whole record, and where that ends.
  Position end;
  std::uint64_t end_offset = 0;
  /// The last group: the one of which it is not known whether it is on disk or only in the kernel's memory.
  Position group;
  std::uint64_t group_offset = 0;
  /// Bytes behind the last whole record that are not zero: a write that a crash cut short. 0 where there was none.
  std::uint64_t torn_bytes = 0;
};

/// Errc::damaged if a record is damaged that had been durable: one of a later group follows.
Result<Tail> find_tail(const File& file, const std::string& path, const SegmentHeader& header);

struct RecoveryReport {
  std::uint64_t torn_bytes = 0;
  /// Positions that the store has and the log has lost; 0 where nothing is wrong.
  std::uint64_t positions_behind_store = 0;
};

/// Fills `segments` with what is in the directory, cuts a torn tail, and begins a new segment with `writer`, to which
/// the last group moves. `stored`: the position up to which the store has everything. When it returns, everything up to
/// segments.end() is durable beyond doubt. Errc::damaged, Errc::newer_format, or an error of the disk.
Result<RecoveryReport> recover_segments(FileSystem& files, const std::string& directory, Position stored,
                                        SegmentWriter& writer, SegmentList& segments);

/// Hands the records after `stored` to the sink. Returns how many.
Result<std::uint64_t> replay(FileSystem& files, const SegmentList& segments, Position stored, CommitSink& sink);

}  // namespace iot::log

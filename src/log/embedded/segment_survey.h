// All that can be said about one segment: the whole records in it, and what is damaged.
#pragma once

#include <optional>
#include <vector>

#include "log/embedded/repair.h"
#include "log/embedded/segment_directory.h"
#include "log/embedded/segment_scanner.h"

namespace iot::log {

/// Records that lie one behind the other and are whole.
struct Run {
  std::uint64_t offset = 0;
  Position first;
  Position end;
};

struct SegmentSurvey {
  /// Nothing if both copies are damaged: then nothing in the file can be read.
  std::optional<SegmentHeader> header;
  std::vector<Run> runs;
  std::vector<LogFault> faults;
  /// By the faults, and by those that an earlier repair noted.
  std::vector<PositionRange> lost;
  std::vector<PositionRange> lost_before;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::uint64_t torn_bytes = 0;
};

/// `next`: the first position of the segment behind it; nothing for the newest.
Result<SegmentSurvey> survey_segment(const File& file, const SegmentFile& segment, std::optional<Position> next);

}  // namespace iot::log

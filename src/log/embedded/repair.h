// Looking through a whole log for damage, and making a damaged log usable again without its damaged records.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "log/event_log.h"

namespace iot::log {

/// Both included.
struct PositionRange {
  Position first;
  Position last;
  auto operator<=>(const PositionRange&) const = default;
};

struct LogFault {
  std::string path;
  /// Where the first thing that is wrong begins.
  std::uint64_t offset = 0;
  std::string what;
};

struct VerifyReport {
  std::uint64_t segments = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  /// Of the records that are whole; 0 where there are none.
  Position first;
  Position last;
  /// Bytes at the end that a crash left unfinished. Harmless: the next start cuts them.
  std::uint64_t torn_bytes = 0;
  /// What is damaged, and the positions that went with it. An earlier repair's losses are among the positions alone.
  std::vector<LogFault> faults;
  std::vector<PositionRange> lost;

  bool is_whole() const noexcept { return faults.empty(); }
};

struct RepairReport {
  std::uint64_t records_kept = 0;
  /// Lost by the damage that was repaired now.
  std::vector<PositionRange> lost;
  /// The damaged files as they were, under new names.
  std::vector<std::string> set_aside;
};

/// Reads every record of the log in `directory` and checks every checksum. Changes nothing. An error: a file cannot be
/// read, or is of a newer format.
Result<VerifyReport> verify_log(FileSystem& files, const std::string& directory);

/// Writes each damaged segment anew with the records that are whole, and notes in it the positions that are lost. May
/// be repeated after a crash.
Result<RepairReport> repair_log(FileSystem& files, const std::string& directory);

}  // namespace iot::log

// Reads the records of one segment in order, and looks behind damage for records that are whole.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "log/embedded/record_format.h"

namespace iot::log {

struct ScannedRecord {
  RecordHeader header;
  std::string_view payload;
  /// Of its header, from the beginning of the file.
  std::uint64_t offset = 0;
};

/// Not thread-safe. `file` must outlive it.
class SegmentScanner {
 public:
  SegmentScanner(const File& file, const SegmentHeader& header) noexcept
      : SegmentScanner(file, header.salt, segment_header_bytes, header.first) {}
  /// Begins in the middle: a record of position `expected` (or, after a loss, a later one) lies at `offset`.
  SegmentScanner(const File& file, std::uint32_t salt, std::uint64_t offset, Position expected) noexcept
      : file_(file), salt_(salt), offset_(offset), expected_(expected) {}

  /// Reads up to `end_offset` and no record of `end_position` or later. May be moved on later.
  void set_end(std::uint64_t end_offset, Position end_position) noexcept {
    end_offset_ = end_offset;
    end_position_ = end_position;
  }

  /// Some whole records in order; none if the next bytes are not one, or the end is reached. The payloads are valid
  /// until the next call. An error is one of reading the file.
  Result<std::span<const ScannedRecord>> next_records();

  /// Where the next record should begin, and its position.
  std::uint64_t offset() const noexcept { return offset_; }
  Position expected() const noexcept { return expected_; }

 private:
  Result<void> read_ahead(std::size_t bytes);
  /// Takes records off what was read; returns how many bytes the next one needs, 0 if it is not whole.
  std::size_t take_records();

  const File& file_;
  std::uint32_t salt_;
  std::uint64_t offset_;
  Position expected_;
  std::uint64_t end_offset_ = 0;
  Position end_position_;
  std::string buffer_;
  std::size_t buffered_ = 0;
  std::vector<ScannedRecord> records_;
};

/// A record header found by searching.
struct FoundHeader {
  RecordHeader header;
  std::uint64_t offset;
};

enum class Search {
  any_record,   ///< a record of position `after` or later
  later_group,  ///< a record of a group that begins later than `after`
};

/// The first header that passes its checksum at or behind `offset`.
Result<std::optional<FoundHeader>> find_header(const File& file, std::uint32_t salt, std::uint64_t offset,
                                               Position after, Search search);

/// Where the file's last byte that is not zero ends, looking at `offset` and behind; `offset` if all are zero.
Result<std::uint64_t> end_of_data(const File& file, std::uint64_t offset);

}  // namespace iot::log

// The bytes of a segment: its header and its records. docs/formats/event-log.md. Values in, values out: no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "log/event_log.h"

namespace iot::log {

/// Two copies, a disk sector each, so that one bad sector does not take the salt, without which no record can be read.
inline constexpr std::size_t segment_header_bytes = 1024;
inline constexpr std::size_t record_header_bytes = 24;

struct SegmentHeader {
  /// Position of the segment's first record.
  Position first;
  /// Begins every checksum of the segment, so that bytes which a client put into a reading, or which an earlier file
  /// left on the disk, never pass for a record.
  std::uint32_t salt = 0;
  Timestamp created;
};

std::uint32_t random_salt();

std::string encode_segment_header(const SegmentHeader& header);

enum class HeaderCopies {
  first_alone,  ///< a damaged first copy is an error
  either,       ///< the second helps out: for repair
};
/// From the first segment_header_bytes of a file. Errc::damaged, Errc::newer_format.
Result<SegmentHeader> decode_segment_header(std::string_view bytes, HeaderCopies copies);

struct RecordHeader {
  Position position;
  /// Bytes of payload. 0 says that there is none, and that all positions up to this one are lost (made by repair).
  std::uint32_t length = 0;
  /// How many records of the same write stand before this one. A record of a later write is the proof that everything
  /// of an earlier one had been synced.
  std::uint32_t index_in_group = 0;
  std::uint32_t payload_checksum = 0;

  bool is_gap() const noexcept { return length == 0; }
  /// The position of the first record of its group.
  Position group() const noexcept { return {position.value - index_in_group}; }
};

/// `bytes` are record_header_bytes; nothing if they are no header of this segment.
std::optional<RecordHeader> decode_record_header(const char* bytes, std::uint32_t salt) noexcept;
bool payload_is_whole(const RecordHeader& header, std::string_view payload, std::uint32_t salt) noexcept;

/// Writes only the length: what append() knows. The rest is filled in by finish_group().
void begin_record(char* header, std::uint32_t payload_bytes) noexcept;
/// The length that begin_record() wrote.
std::uint32_t begun_length(const char* header) noexcept;

/// Completes the headers of the records that lie one behind the other in `records`: the first gets the position `first`
/// and the index 0, and so on.
void finish_group(std::string& records, Position first, std::uint32_t salt) noexcept;

/// Appends a record as it stands; for repair.
void append_record(std::string& out, RecordHeader header, std::string_view payload, std::uint32_t salt);
/// Appends the record that says that everything up to `last_lost` (included) is lost.
void append_gap(std::string& out, Position last_lost, std::uint32_t salt);

}  // namespace iot::log

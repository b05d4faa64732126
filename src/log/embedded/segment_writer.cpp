#include "log/embedded/segment_writer.h"

#include <algorithm>
#include <cerrno>

#include "log/embedded/segment_directory.h"

namespace iot::log {
namespace {

/// A segment is only begun where this much can be reserved (or the whole segment, if that is less), so that a full disk
/// is not tried with every group.
constexpr std::uint64_t room_bytes_min = 1u << 20;

/// Zeros are written this far ahead of small groups: a sync that only overwrites need not touch the file system's
/// journal, which takes two thirds of the time and of the CPU time (docs/decisions/0002-event-log.md).
constexpr std::size_t zeros_ahead_bytes = 256u << 10;
constexpr std::size_t small_group_bytes = 64u << 10;

/// The system's error as one of the log's, with its sentence.
Error log_error_of(const Error& error) {
  switch (error.code.value()) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return make_error(Errc::disk_full, "no room for the event log (" + error.message +
                                             "); free some space, readings are accepted again by themselves");
    default:
      return make_error(Errc::write_failed, "the event log could not be written (" + error.message +
                                                "); a new file is tried until that works");
  }
}

bool is_out_of_room(const Error& error) noexcept {
  return error.code.value() == ENOSPC || error.code.value() == EDQUOT || error.code.value() == EFBIG;
}

/// Reserves the whole segment, or at least some of it; returns how much. A file system that cannot reserve at all (0)
/// says whether there is room when it is written.
Result<std::uint64_t> reserve(File& file, std::uint64_t segment_bytes) {
  for (const std::uint64_t bytes : {segment_bytes, std::min(segment_bytes, room_bytes_min)}) {
    const auto reserved = file.allocate(bytes);
    if (reserved) return bytes;
    if (!is_out_of_room(reserved.error())) return std::uint64_t{0};
    if (bytes <= room_bytes_min) return reserved.error();
  }
  return std::uint64_t{0};
}

}  // namespace

SegmentHeader SegmentWriter::new_header(Position first) const {
  return {first, random_salt(), options_.clock->now()};
}

Result<void> SegmentWriter::begin_segment(const SegmentHeader& header, std::string_view records, Position end) {
  auto unfinished = UnfinishedSegment::create(files_, directory_);
  if (!unfinished) return log_error_of(unfinished.error());
  const auto made = [&]() -> Result<std::unique_ptr<File>> {
    IOT_TRY(reserved_bytes_, reserve(unfinished->file(), options_.segment_bytes));
    IOT_CHECK(unfinished->file().write_at(0, encode_segment_header(header)));
    IOT_CHECK(unfinished->file().write_at(segment_header_bytes, records));
    return unfinished->finish(header.first);
  };
  auto file = made();
  if (!file) {
    unfinished->discard();
    failed_ = true;
    return log_error_of(file.error());
  }
  give_back_room();
  file_ = std::move(*file);
  header_ = header;
  failed_ = false;
  end_offset_ = segment_header_bytes + records.size();
  zeroed_bytes_ = end_offset_;
  segments_.add({header.first, segment_path(directory_, header.first), header.created}, end_offset_);
  segments_.extend(end, end_offset_);
  return {};
}

bool SegmentWriter::needs_new_segment(std::size_t bytes) const noexcept {
  // A group that is larger than a segment gets one of its own.
  return failed_ || (end_offset_ + bytes > options_.segment_bytes && end_offset_ > segment_header_bytes);
}

Result<Position> SegmentWriter::write(std::string& records, std::size_t count) {
  const Position first = segments_.end();
  if (needs_new_segment(records.size())) IOT_CHECK(begin_segment(new_header(first), {}, first));
  finish_group(records, first, header_.salt);
  if (auto written = put(records); !written) {
    failed_ = true;
    give_back_room();
    return log_error_of(written.error());
  }
  end_offset_ += records.size();
  zeroed_bytes_ = std::max(zeroed_bytes_, end_offset_);
  segments_.extend({first.value + count}, end_offset_);
  return first;
}

Result<void> SegmentWriter::recover() {
  if (!failed_) return {};
  return begin_segment(new_header(segments_.end()), {}, segments_.end());
}

Result<void> SegmentWriter::put(std::string_view records) {
  IOT_CHECK(file_->write_at(end_offset_, records));
  const std::uint64_t end = end_offset_ + records.size();
  if (end > zeroed_bytes_ && records.size() <= small_group_bytes) write_zeros_behind(end);
  return file_->sync_data();
}

void SegmentWriter::write_zeros_behind(std::uint64_t end) noexcept {
  static const std::string zeros(zeros_ahead_bytes, '\0');
  if (end + zeros.size() > reserved_bytes_) return;
  // Only saves time later, so a failure is not one of the group's; if the disk is to blame, the sync says so.
  if (file_->write_at(end, zeros)) zeroed_bytes_ = end + zeros.size();
}

void SegmentWriter::give_back_room() noexcept {
  // Tidiness alone: what lies behind the last record is void, whether it is there or not.
  if (file_) static_cast<void>(file_->truncate(end_offset_).has_value());
}

void SegmentWriter::close() noexcept {
  give_back_room();
  failed_ = true;
  file_.reset();
}

}  // namespace iot::log

#include "log/embedded/segment_reader.h"

#include <cerrno>

namespace iot::log {

Error damaged_record(const std::string& path, std::uint64_t offset, Position position) {
  return make_error(
      Errc::damaged,
      path + " at byte " + std::to_string(offset) + ": record " + std::to_string(position.value) +
          " is damaged or missing, though later ones were written. `iotplatform verify` lists all damage; "
          "`iotplatform verify --repair` keeps every whole record, lists those lost and keeps the damaged file");
}

Result<void> SegmentReader::open(const SegmentView& view) {
  auto file = files_.open(view.segment->path, OpenMode::read);
  if (!file && file.error().code.value() == ENOENT) {
    return make_error(Errc::position_gone, "record " + std::to_string(from_.value) + " has just been removed");
  }
  IOT_TRY(file_, std::move(file));
  segment_ = view.segment;
  IOT_TRY(const auto header, read_segment_header(*file_, {segment_->first, segment_->path}, HeaderCopies::first_alone));
  scanner_.emplace(*file_, header);
  return {};
}

Result<void> SegmentReader::move_end(const SegmentView& view) {
  std::uint64_t end_offset = 0;
  if (view.durable_bytes) {
    end_offset = *view.durable_bytes;
  } else {
    IOT_TRY(end_offset, file_->size());
  }
  scanner_->set_end(end_offset, view.end);
  return {};
}

void SegmentReader::keep(std::span<const ScannedRecord> scanned) {
  for (const ScannedRecord& one : scanned) {
    if (one.header.position >= from_ && !one.header.is_gap()) records_.push_back({one.header.position, one.payload});
  }
}

Result<std::span<const Record>> SegmentReader::next_records() {
  records_.clear();
  taken_ = 0;
  while (records_.empty()) {
    // The position that is looked for next; it may lie in another segment than before, because the old one is full, or
    // because the write that began it failed and was begun again elsewhere.
    const Position wanted = scanner_ ? std::max(scanner_->expected(), from_) : from_;
    const auto view = segments_.find(wanted);
    if (!view) {
      return make_error(Errc::position_gone, "record " + std::to_string(wanted.value) +
                                                 " has been removed; the first is " +
                                                 std::to_string(segments_.first().value));
    }
    if (view->segment != segment_) IOT_CHECK(open(*view));
    if (scanner_->expected() >= view->end) break;
    IOT_CHECK(move_end(*view));
    IOT_TRY(const auto scanned, scanner_->next_records());
    if (scanned.empty()) return damaged_record(segment_->path, scanner_->offset(), scanner_->expected());
    keep(scanned);
  }
  if (!records_.empty()) from_.value = records_.back().position.value + 1;
  return std::span<const Record>(records_);
}

Result<std::optional<Record>> SegmentReader::next() {
  if (taken_ == records_.size()) {
    IOT_TRY(const auto records, next_records());
    if (records.empty()) return std::optional<Record>();
  }
  return std::optional<Record>(records_[taken_++]);
}

}  // namespace iot::log

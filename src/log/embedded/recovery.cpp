#include "log/embedded/recovery.h"

#include "log/embedded/segment_reader.h"

namespace iot::log {
namespace {

constexpr Position no_end{UINT64_MAX};

/// The last group with the checksums of another segment.
Result<std::string> last_group(const File& file, const SegmentHeader& header, const Tail& tail,
                               std::uint32_t new_salt) {
  std::string records;
  SegmentScanner scanner(file, header.salt, tail.group_offset, tail.group);
  scanner.set_end(tail.end_offset, tail.end);
  while (scanner.expected() < tail.end) {
    IOT_TRY(const auto scanned, scanner.next_records());
    if (scanned.empty()) return make_error(Errc::damaged, "the end of the event log changes while it is read");
    for (const ScannedRecord& one : scanned) append_record(records, one.header, one.payload, new_salt);
  }
  return records;
}

/// The newest segment as it was found.
struct Newest {
  std::unique_ptr<File> file;
  SegmentHeader header;
  Tail tail;
};

Result<Newest> examine_newest(FileSystem& files, const SegmentFile& segment) {
  Newest newest;
  IOT_TRY(newest.file, files.open(segment.path, OpenMode::read));
  IOT_TRY(newest.header, read_segment_header(*newest.file, segment, HeaderCopies::first_alone));
  IOT_TRY(newest.tail, find_tail(*newest.file, segment.path, newest.header));
  return newest;
}

/// Gives back the room behind what counts of a segment that has just been followed by another. It is void already, so
/// a failure does no harm.
void cut_sealed(FileSystem& files, const std::string& path, std::uint64_t end_offset) {
  if (auto file = files.open(path, OpenMode::read_write)) static_cast<void>((*file)->truncate(end_offset).has_value());
}

Result<void> list_older(FileSystem& files, const std::vector<SegmentFile>& found, Position before,
                        SegmentList& segments) {
  for (const SegmentFile& segment : found) {
    if (segment.first >= before) break;
    IOT_TRY(const auto file, files.open(segment.path, OpenMode::read));
    IOT_TRY(const auto header, read_segment_header(*file, segment, HeaderCopies::first_alone));
    IOT_TRY(const auto bytes, file->size());
    segments.add({segment.first, segment.path, header.created}, bytes);
  }
  return {};
}

}  // namespace

Result<Tail> find_tail(const File& file, const std::string& path, const SegmentHeader& header) {
  IOT_TRY(const auto file_bytes, file.size());
  SegmentScanner scanner(file, header);
  scanner.set_end(file_bytes, no_end);
  Tail tail;
  tail.end = header.first;
  tail.group = header.first;
  tail.group_offset = segment_header_bytes;
  while (true) {
    IOT_TRY(const auto scanned, scanner.next_records());
    if (scanned.empty()) break;
    for (const ScannedRecord& one : scanned) {
      if (one.header.index_in_group == 0) {
        tail.group = tail.end;
        tail.group_offset = one.offset;
      }
      tail.end.value = one.header.position.value + 1;
    }
  }
  tail.end_offset = scanner.offset();

  // The next group is only written once the one before is synced. So if what should be here is not whole, and a record
  // of a later group is, then this was durable once and has been damaged since.
  IOT_TRY(const auto later, find_header(file, header.salt, tail.end_offset, tail.end, Search::later_group));
  if (later) return damaged_record(path, tail.end_offset, tail.end);
  IOT_TRY(const auto data_end, end_of_data(file, tail.end_offset));
  tail.torn_bytes = data_end - tail.end_offset;
  return tail;
}

Result<RecoveryReport> recover_segments(FileSystem& files, const std::string& directory, Position stored,
                                        SegmentWriter& writer, SegmentList& segments) {
  RecoveryReport report;
  IOT_TRY(const auto found, list_segments(files, directory));
  if (found.empty()) {
    const Position first{stored.value + 1};
    IOT_CHECK(writer.begin_segment(writer.new_header(first), {}, first));
    return report;
  }
  if (found.front().first.value > stored.value + 1) {
    return make_error(Errc::damaged, "the event log in " + directory + " begins with record " +
                                         std::to_string(found.front().first.value) +
                                         ", but the store has only those up to " + std::to_string(stored.value) +
                                         ": the ones between are missing. Restore the store or "
                                         "the log from the same backup");
  }
  IOT_TRY(const auto newest, examine_newest(files, found.back()));
  const Tail& tail = newest.tail;
  report.torn_bytes = tail.torn_bytes;
  IOT_CHECK(list_older(files, found, tail.group, segments));

  const SegmentHeader header = writer.new_header(tail.group);
  IOT_TRY(auto records, last_group(*newest.file, newest.header, tail, header.salt));
  Position end = tail.end;
  if (stored >= tail.end) {
    // New records must not get positions of which the store believes that it has them already.
    report.positions_behind_store = stored.value + 1 - tail.end.value;
    append_gap(records, stored, header.salt);
    end.value = stored.value + 1;
  }
  IOT_CHECK(writer.begin_segment(header, records, end));
  if (found.back().first < tail.group) cut_sealed(files, found.back().path, tail.group_offset);
  return report;
}

Result<std::uint64_t> replay(FileSystem& files, const SegmentList& segments, Position stored, CommitSink& sink) {
  SegmentReader reader(files, segments, {stored.value + 1});
  std::uint64_t count = 0;
  while (true) {
    IOT_TRY(const auto records, reader.next_records());
    if (records.empty()) return count;
    sink.committed(records);
    count += records.size();
  }
}

}  // namespace iot::log

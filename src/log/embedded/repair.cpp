#include "log/embedded/repair.h"

#include <algorithm>

#include "base/logging.h"
#include "log/embedded/segment_survey.h"

namespace iot::log {
namespace {

/// Large enough that the calls do not count.
constexpr std::size_t copy_bytes = 1u << 20;

std::optional<Position> first_of_next(const std::vector<SegmentFile>& segments, std::size_t index) {
  if (index + 1 == segments.size()) return {};
  return segments[index + 1].first;
}

Result<void> copy_file(FileSystem& files, const File& from, const std::string& to) {
  IOT_TRY(const auto copy, files.open(to, OpenMode::create));
  std::string block(copy_bytes, '\0');
  for (std::uint64_t offset = 0;;) {
    IOT_TRY(const std::size_t count, from.read_at(offset, block));
    if (count == 0) break;
    IOT_CHECK(copy->write_at(offset, std::string_view(block).substr(0, count)));
    offset += count;
  }
  return copy->sync_data();
}

Result<std::string> unused_name(FileSystem& files, const std::string& directory, const std::string& path) {
  IOT_TRY(const auto names, files.list(directory));
  std::string unused = path + ".damaged";
  for (int number = 2; std::find(names.begin(), names.end(), unused.substr(directory.size() + 1)) != names.end();
       ++number) {
    unused = path + ".damaged." + std::to_string(number);
  }
  return unused;
}

/// Writes what `survey` found whole to a new segment.
class SegmentRewriter {
 public:
  SegmentRewriter(const File& from, const SegmentSurvey& survey, File& to) : from_(from), survey_(survey), to_(to) {}

  Result<void> rewrite(Position first, std::optional<Position> next) {
    const SegmentHeader header{first, random_salt(), survey_.header ? survey_.header->created : Timestamp{}};
    salt_ = header.salt;
    pending_ = encode_segment_header(header);
    Position expected = first;
    for (const Run& run : survey_.runs) {
      if (run.first > expected) append_gap(pending_, {run.first.value - 1}, salt_);
      IOT_CHECK(copy_run(run));
      expected = run.end;
    }
    if (next && *next > expected) append_gap(pending_, {next->value - 1}, salt_);
    return flush();
  }

 private:
  Result<void> copy_run(const Run& run) {
    SegmentScanner scanner(from_, survey_.header->salt, run.offset, run.first);
    IOT_TRY(const auto file_bytes, from_.size());
    scanner.set_end(file_bytes, run.end);
    while (scanner.expected() < run.end) {
      IOT_TRY(const auto scanned, scanner.next_records());
      if (scanned.empty()) return make_error(Errc::damaged, "the log changes while it is repaired");
      for (const ScannedRecord& one : scanned) append_record(pending_, one.header, one.payload, salt_);
      if (pending_.size() >= copy_bytes) IOT_CHECK(flush());
    }
    return {};
  }

  Result<void> flush() {
    IOT_CHECK(to_.write_at(offset_, pending_));
    offset_ += pending_.size();
    pending_.clear();
    return {};
  }

  const File& from_;
  const SegmentSurvey& survey_;
  File& to_;
  std::uint32_t salt_ = 0;
  std::string pending_;
  std::uint64_t offset_ = 0;
};

/// Puts the repaired segment in the place of the damaged one; returns where that is kept.
Result<std::string> replace_segment(FileSystem& files, const std::string& directory, const SegmentFile& segment,
                                    const File& damaged, const SegmentSurvey& survey, std::optional<Position> next) {
  IOT_TRY(const std::string aside, unused_name(files, directory, segment.path));
  IOT_CHECK(copy_file(files, damaged, aside));
  IOT_CHECK(files.sync_directory(directory));
  IOT_TRY(auto repaired, UnfinishedSegment::create(files, directory));
  IOT_CHECK(SegmentRewriter(damaged, survey, repaired.file()).rewrite(segment.first, next));
  IOT_CHECK(repaired.finish(segment.first));
  return aside;
}

}  // namespace

Result<VerifyReport> verify_log(FileSystem& files, const std::string& directory) {
  VerifyReport report;
  IOT_TRY(const auto segments, list_segments(files, directory));
  for (std::size_t index = 0; index < segments.size(); ++index) {
    IOT_TRY(const auto file, files.open(segments[index].path, OpenMode::read));
    IOT_TRY(const auto survey, survey_segment(*file, segments[index], first_of_next(segments, index)));
    ++report.segments;
    report.records += survey.records;
    report.bytes += survey.bytes;
    report.torn_bytes += survey.torn_bytes;
    report.faults.insert(report.faults.end(), survey.faults.begin(), survey.faults.end());
    report.lost.insert(report.lost.end(), survey.lost_before.begin(), survey.lost_before.end());
    report.lost.insert(report.lost.end(), survey.lost.begin(), survey.lost.end());
    if (survey.runs.empty()) continue;
    if (report.first.value == 0) report.first = survey.runs.front().first;
    report.last.value = survey.runs.back().end.value - 1;
  }
  std::sort(report.lost.begin(), report.lost.end());
  return report;
}

Result<RepairReport> repair_log(FileSystem& files, const std::string& directory) {
  RepairReport report;
  IOT_TRY(const auto segments, list_segments(files, directory));
  for (std::size_t index = 0; index < segments.size(); ++index) {
    const auto next = first_of_next(segments, index);
    IOT_TRY(const auto file, files.open(segments[index].path, OpenMode::read));
    IOT_TRY(const auto survey, survey_segment(*file, segments[index], next));
    report.records_kept += survey.records;
    if (survey.faults.empty()) continue;
    IOT_TRY(auto aside, replace_segment(files, directory, segments[index], *file, survey, next));
    log_warning("a damaged segment of the event log was repaired",
                {{"file", segments[index].path}, {"kept_aside_as", aside}, {"ranges_lost", survey.lost.size()}});
    report.lost.insert(report.lost.end(), survey.lost.begin(), survey.lost.end());
    report.set_aside.push_back(std::move(aside));
  }
  return report;
}

}  // namespace iot::log

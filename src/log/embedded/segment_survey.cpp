#include "log/embedded/segment_survey.h"

namespace iot::log {
namespace {

constexpr Position no_end{UINT64_MAX};

class Surveyor {
 public:
  Surveyor(const File& file, const SegmentFile& segment, std::optional<Position> next)
      : file_(file), segment_(segment), next_(next), end_(next.value_or(no_end)) {}

  Result<SegmentSurvey> survey() {
    IOT_TRY(file_bytes_, file_.size());
    IOT_CHECK(read_header());
    std::uint64_t offset = segment_header_bytes;
    Position expected = segment_.first;
    while (survey_.header) {
      IOT_TRY(const Run run, read_run(offset, expected));
      if (run.end >= end_) return std::move(survey_);
      IOT_TRY(const auto later,
              find_header(file_, survey_.header->salt, stopped_at_, run.end,
                          next_ || !survey_.faults.empty() ? Search::any_record : Search::later_group));
      if (!later && !next_) {
        IOT_TRY(const auto data_end, end_of_data(file_, stopped_at_));
        survey_.torn_bytes = data_end - stopped_at_;
        return std::move(survey_);
      }
      // The next whole record may be one of the damaged record's own group. Its own header may be whole, too.
      IOT_TRY(const auto next_whole,
              find_header(file_, survey_.header->salt, stopped_at_ + 1, run.end, Search::any_record));
      if (!next_whole || next_whole->header.position >= end_) {
        note_loss(run.end, end_);
        return std::move(survey_);
      }
      note_loss(run.end, next_whole->header.position);
      offset = next_whole->offset;
      expected = next_whole->header.position;
    }
    return std::move(survey_);
  }

 private:
  Result<void> read_header() {
    auto header = read_segment_header(file_, segment_, HeaderCopies::first_alone);
    if (header) {
      survey_.header = *header;
      return {};
    }
    if (!is(header.error(), Errc::damaged)) return std::move(header).error();
    survey_.faults.push_back({segment_.path, 0, "the header is damaged"});
    if (const auto copy = read_segment_header(file_, segment_, HeaderCopies::either)) {
      survey_.header = *copy;
    } else if (next_) {
      survey_.lost.push_back({segment_.first, {next_->value - 1}});
    }
    return {};
  }

  Result<Run> read_run(std::uint64_t offset, Position expected) {
    Run run{offset, expected, expected};
    SegmentScanner scanner(file_, survey_.header->salt, offset, expected);
    scanner.set_end(file_bytes_, end_);
    while (true) {
      IOT_TRY(const auto scanned, scanner.next_records());
      if (scanned.empty()) break;
      for (const ScannedRecord& one : scanned) count(one, run.end);
      run.end = scanner.expected();
    }
    stopped_at_ = scanner.offset();
    if (run.end > run.first) survey_.runs.push_back(run);
    return run;
  }

  void count(const ScannedRecord& one, Position& expected) {
    if (one.header.is_gap()) {
      survey_.lost_before.push_back({expected, one.header.position});
    } else {
      ++survey_.records;
      survey_.bytes += record_header_bytes + one.payload.size();
    }
    expected.value = one.header.position.value + 1;
  }

  void note_loss(Position first, Position behind) {
    survey_.faults.push_back(
        {segment_.path, stopped_at_, "record " + std::to_string(first.value) + " is damaged or missing"});
    if (behind > first) survey_.lost.push_back({first, {behind.value - 1}});
  }

  const File& file_;
  const SegmentFile& segment_;
  std::optional<Position> next_;
  Position end_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t stopped_at_ = 0;
  SegmentSurvey survey_;
};

}  // namespace

Result<SegmentSurvey> survey_segment(const File& file, const SegmentFile& segment, std::optional<Position> next) {
  return Surveyor(file, segment, next).survey();
}

}  // namespace iot::log

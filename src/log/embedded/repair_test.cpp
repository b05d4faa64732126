#include "log/embedded/repair.h"

#include <gtest/gtest.h>

#include "log/embedded/segment_directory.h"
#include "log/embedded/testing/log_fixture.h"

namespace iot::log {
namespace {

using testing::log_directory;
using testing::LogFixture;
using testing::range;

using Lost = std::vector<PositionRange>;

class RepairTest : public ::testing::Test, protected LogFixture {
 protected:
  /// A log of 1,000 records in several segments, each in a group of its own, closed.
  void SetUp() override {
    start();
    append_range(1, 1'000);
    stop();
    files = segments();
    ASSERT_GT(files.size(), 2u);
  }

  void flip(const std::string& path, std::size_t at) {
    std::string bytes = disk.contents(path);
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    disk.replace_contents(path, bytes);
  }

  /// All records here are of the same size.
  static std::size_t offset_of(std::size_t index) {
    std::string payload;
    testing::batch_of(1).encode(payload);
    return segment_header_bytes + index * (record_header_bytes + payload.size());
  }

  std::vector<std::string> files;
};

std::vector<std::int64_t> without(std::vector<std::int64_t> numbers, std::int64_t first, std::int64_t last) {
  std::erase_if(numbers, [&](std::int64_t number) { return number >= first && number <= last; });
  return numbers;
}

TEST_F(RepairTest, VerifyCountsAWholeLog) {
  const auto report = EmbeddedLog::verify(disk, log_directory);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->is_whole());
  EXPECT_EQ(report->segments, files.size());
  EXPECT_EQ(report->records, 1'000u);
  EXPECT_EQ(report->bytes, 1'000 * (offset_of(1) - offset_of(0)));
  EXPECT_EQ(report->first, Position{1});
  EXPECT_EQ(report->last, Position{1'000});
  EXPECT_EQ(report->torn_bytes, 0u);
  EXPECT_TRUE(report->lost.empty());
}

TEST_F(RepairTest, VerifyNamesEachFaultAndChangesNothing) {
  flip(files[0], offset_of(4) + 30);
  flip(files[0], offset_of(5));
  flip(files[1], offset_of(2) + 10);
  const auto before = disk.contents(files[0]);
  const auto report = EmbeddedLog::verify(disk, log_directory);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->lost.size(), 2u);
  EXPECT_EQ(report->lost[0], (PositionRange{{5}, {6}}));
  EXPECT_EQ(report->records, 997u);
  EXPECT_FALSE(report->is_whole());
  EXPECT_EQ(report->faults[0].path, files[0]);
  EXPECT_EQ(report->faults[0].offset, offset_of(4));
  EXPECT_EQ(disk.contents(files[0]), before);
}

TEST_F(RepairTest, ATornTailIsNoFault) {
  start();
  append_range(1'001, 1'003);
  ASSERT_TRUE(disk.restart_process());
  log.reset();
  const auto newest = segments().back();
  std::string bytes = disk.contents(newest);
  bytes.replace(bytes.find_last_not_of('\0') - 5, 3, "???");
  disk.replace_contents(newest, bytes);
  const auto report = EmbeddedLog::verify(disk, log_directory);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->is_whole());
  EXPECT_GT(report->torn_bytes, 0u);
  EXPECT_EQ(report->last, Position{1'002});
}

TEST_F(RepairTest, KeepsWhatIsWholeAndSaysWhatIsLost) {
  flip(files[0], offset_of(4) + 30);
  const auto damaged = disk.contents(files[0]);
  ASSERT_TRUE(is(open().error(), Errc::damaged));
  const auto report = EmbeddedLog::repair(disk, log_directory);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->lost, (Lost{{{5}, {5}}}));
  EXPECT_EQ(report->records_kept, 999u);
  EXPECT_EQ(report->set_aside, std::vector<std::string>{files[0] + ".damaged"});
  EXPECT_EQ(disk.contents(files[0] + ".damaged"), damaged);
  disk.crash();
  const auto verified = EmbeddedLog::verify(disk, log_directory);
  EXPECT_TRUE(verified->is_whole());
  EXPECT_EQ(verified->lost, report->lost);
  EXPECT_EQ(replayed(), without(range(1, 1'000), 5, 5));
  EXPECT_EQ(*append(1'001), Position{1'001});
  EXPECT_EQ(read_from({3}), without(range(3, 1'001), 5, 5));
}

TEST_F(RepairTest, EachFlippedByteCostsAtMostItsRecord) {
  const std::size_t record_bytes = offset_of(1) - offset_of(0);
  const std::string whole = disk.contents(files[0]);
  for (std::size_t at = 0; at < offset_of(3); ++at) {
    SCOPED_TRACE(at);
    // Between the header's checksum and the first record lie zeros and the second copy, which a whole log never needs.
    if (at == 36) at = segment_header_bytes;
    LogFixture one;
    for (const auto& path : files) {
      ASSERT_TRUE(one.disk.open(path, OpenMode::create));
      one.disk.replace_contents(path, disk.contents(path));
    }
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    one.disk.replace_contents(files[0], bytes);
    const auto report = EmbeddedLog::repair(one.disk, log_directory);
    ASSERT_TRUE(report);
    const auto record = static_cast<std::int64_t>((at - segment_header_bytes) / record_bytes) + 1;
    const bool in_record = at >= segment_header_bytes;
    EXPECT_EQ(one.replayed(), in_record ? without(range(1, 1'000), record, record) : range(1, 1'000));
    EXPECT_EQ(report->lost.size(), in_record ? 1u : 0u);
  }
}

TEST_F(RepairTest, AMissingSegmentIsNotedAsLost) {
  const std::string missing = files[1];
  ASSERT_TRUE(disk.remove(missing));
  const auto report = EmbeddedLog::repair(disk, log_directory);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->lost.size(), 1u);
  const auto first = static_cast<std::int64_t>(report->lost[0].first.value);
  const auto last = static_cast<std::int64_t>(report->lost[0].last.value);
  EXPECT_GT(last, first);
  EXPECT_EQ(replayed(), without(range(1, 1'000), first, last));
}

TEST_F(RepairTest, ASegmentWithoutAnyHeaderIsLostAsAWhole) {
  std::string bytes = disk.contents(files[1]);
  bytes.replace(0, segment_header_bytes, std::string(segment_header_bytes, '?'));
  disk.replace_contents(files[1], bytes);
  const auto report = EmbeddedLog::repair(disk, log_directory);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->lost.size(), 1u);
  EXPECT_EQ(segment_path(log_directory, report->lost[0].first), files[1]);
  EXPECT_EQ(replayed(), without(range(1, 1'000), static_cast<std::int64_t>(report->lost[0].first.value),
                                static_cast<std::int64_t>(report->lost[0].last.value)));
}

TEST_F(RepairTest, AGapInTheNewestSegmentSurvivesStarts) {
  LogFixture one;
  one.start();
  one.append_group(1, 5);
  one.append_group(6, 10);
  ASSERT_TRUE(one.disk.restart_process());
  const auto newest = one.segments().back();
  std::string bytes = one.disk.contents(newest);
  for (const std::size_t index : {4, 5, 6, 7}) bytes[offset_of(index)] = static_cast<char>(bytes[offset_of(index)] ^ 1);
  one.disk.replace_contents(newest, bytes);
  const auto report = EmbeddedLog::repair(one.disk, log_directory);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->lost, (Lost{{{5}, {8}}}));
  for (int start = 0; start < 3; ++start) {
    EXPECT_EQ(one.replayed(), without(range(1, 10), 5, 8));
    one.disk.crash();
  }
}

TEST_F(RepairTest, AWholeLogIsLeftAlone) {
  const auto before = disk.operations();
  const auto report = EmbeddedLog::repair(disk, log_directory);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->lost.empty());
  EXPECT_TRUE(report->set_aside.empty());
  EXPECT_EQ(report->records_kept, 1'000u);
  EXPECT_EQ(disk.operations(), before);
}

TEST_F(RepairTest, MayBeCutOffAtAnyOperationAndRepeated) {
  for (std::uint64_t operation = 0;; ++operation) {
    SCOPED_TRACE(operation);
    std::mt19937_64 random(operation);
    LogFixture one;
    for (const auto& path : files) {
      ASSERT_TRUE(one.disk.open(path, OpenMode::create));
      ASSERT_TRUE(one.disk.sync_directory(log_directory));
      one.disk.replace_contents(path, disk.contents(path));
    }
    for (const auto& path : {files[0], files[1]}) {
      std::string bytes = disk.contents(path);
      bytes[offset_of(2)] = static_cast<char>(bytes[offset_of(2)] ^ 1);
      one.disk.replace_contents(path, bytes);
    }
    one.disk.cut_power_at(operation);
    const bool done = EmbeddedLog::repair(one.disk, log_directory).has_value();
    one.disk.crash(random);
    ASSERT_TRUE(EmbeddedLog::repair(one.disk, log_directory));
    EXPECT_EQ(one.replayed().size(), 998u);
    if (done) break;
  }
}

}  // namespace
}  // namespace iot::log

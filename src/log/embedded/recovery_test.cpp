// What a start makes of a log that a crash, a bad disk or a person has changed.
#include "log/embedded/recovery.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/crc32c.h"
#include "log/embedded/testing/log_fixture.h"

namespace iot::log {
namespace {

using testing::log_directory;
using testing::LogFixture;
using testing::range;

using Files = std::vector<std::pair<std::string, std::string>>;

/// The log's files as they lie on the disk, by name.
Files files_of(LogFixture& log) {
  Files files;
  for (const auto& path : log.segments()) files.emplace_back(path, log.disk.contents(path));
  return files;
}

/// A log on a new disk that holds `files`.
std::unique_ptr<LogFixture> log_with(const Files& files) {
  auto log = std::make_unique<LogFixture>();
  for (const auto& [path, bytes] : files) {
    EXPECT_TRUE(log->disk.open(path, OpenMode::create));
    EXPECT_TRUE(log->disk.sync_directory(log_directory));
    log->disk.replace_contents(path, bytes);
  }
  return log;
}

/// Where each record of a file begins, and behind the last.
std::vector<std::size_t> record_offsets(const std::string& bytes) {
  const auto header = decode_segment_header(bytes, HeaderCopies::first_alone);
  std::vector<std::size_t> offsets{segment_header_bytes};
  while (offsets.back() + record_header_bytes <= bytes.size()) {
    const auto record = decode_record_header(bytes.data() + offsets.back(), header->salt);
    if (!record) break;
    offsets.push_back(offsets.back() + record_header_bytes + record->length);
  }
  return offsets;
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  return bytes;
}

/// Six records in groups of their own, then a group of four.
Files ten_records() {
  LogFixture log;
  log.start();
  log.append_range(1, 5);
  log.append_group(6, 10);
  EXPECT_TRUE(log.disk.restart_process());
  return files_of(log);
}

TEST(Recovery, EachFlippedByteIsCutOrRefusedAndNeverServed) {
  const Files files = ten_records();
  ASSERT_EQ(files.size(), 1u);
  const auto& [path, bytes] = files[0];
  const auto offsets = record_offsets(bytes);
  ASSERT_EQ(offsets.size(), 11u);
  for (std::size_t at = segment_header_bytes; at < offsets.back(); ++at) {
    const auto record =
        static_cast<std::int64_t>(std::upper_bound(offsets.begin(), offsets.end(), at) - offsets.begin());
    SCOPED_TRACE("byte " + std::to_string(at) + " of record " + std::to_string(record));
    auto log = log_with({{path, flipped(bytes, at)}});
    const auto opened = log->open();
    if (record <= 6) {
      // The last group proves that this one had been synced.
      ASSERT_FALSE(opened);
      EXPECT_TRUE(is(opened.error(), Errc::damaged));
      EXPECT_EQ(log->disk.contents(path), flipped(bytes, at));
    } else {
      ASSERT_TRUE(opened) << opened.error().message;
      EXPECT_EQ(log->sink->numbers(), range(1, record - 1));
      EXPECT_EQ(log->log->last().value, static_cast<std::uint64_t>(record - 1));
      EXPECT_EQ(log->append(99)->value, static_cast<std::uint64_t>(record));
    }
  }
}

TEST(Recovery, EachFlippedByteOfTheHeaderIsRefused) {
  const Files files = ten_records();
  for (std::size_t at = 0; at < 36; ++at) {
    auto log = log_with({{files[0].first, flipped(files[0].second, at)}});
    const auto opened = log->open();
    ASSERT_FALSE(opened) << at;
    EXPECT_TRUE(is(opened.error(), Errc::damaged)) << opened.error().message;
  }
}

TEST(Recovery, IgnoresARecordCutShortAtAnyByte) {
  const Files files = ten_records();
  const auto& [path, bytes] = files[0];
  const auto offsets = record_offsets(bytes);
  for (std::size_t size = segment_header_bytes; size <= offsets.back(); ++size) {
    for (const std::size_t zeros : {std::size_t{0}, bytes.size() - size}) {
      SCOPED_TRACE("cut at " + std::to_string(size) + " with " + std::to_string(zeros) + " zeros behind");
      const std::string cut = bytes.substr(0, size) + std::string(zeros, '\0');
      // A record whose last bytes are zeros is whole although it was cut.
      const auto changed = std::mismatch(cut.begin(), cut.end(), bytes.begin()).first - cut.begin();
      const auto end = std::upper_bound(offsets.begin(), offsets.end(), static_cast<std::size_t>(changed));
      const auto whole = static_cast<std::int64_t>(end - offsets.begin()) - 1;
      auto log = log_with({{path, cut}});
      const auto opened = log->open();
      ASSERT_TRUE(opened) << opened.error().message;
      EXPECT_EQ(log->sink->numbers(), range(1, whole));
      log->append_range(whole + 1, whole + 1);
      log->disk.crash();
      EXPECT_EQ(log->replayed(), range(1, whole + 1));
    }
  }
}

TEST(Recovery, AFileWithoutItsHeaderIsRefused) {
  const Files files = ten_records();
  for (const std::size_t size : {0, 1, 35}) {
    auto log = log_with({{files[0].first, files[0].second.substr(0, size)}});
    EXPECT_TRUE(is(log->open().error(), Errc::damaged));
  }
}

TEST(Recovery, AGroupTornInItsMiddleIsATornTail) {
  // The disk may write the later sectors of a group before the earlier ones.
  LogFixture log;
  log.start();
  log.append_group(1, 100);
  EXPECT_TRUE(log.disk.restart_process());
  const Files files = files_of(log);
  const auto offsets = record_offsets(files[0].second);
  std::string torn = files[0].second;
  const std::size_t sector = 2'048;
  torn.replace(sector, 512, std::string(512, '\0'));
  const auto whole =
      static_cast<std::int64_t>(std::upper_bound(offsets.begin(), offsets.end(), sector) - offsets.begin()) - 1;
  auto after = log_with({{files[0].first, torn}});
  ASSERT_TRUE(after->open());
  EXPECT_EQ(after->sink->numbers(), range(1, whole));
  EXPECT_NE(after->metrics.scrape().find("iotplatform_log_torn_tails_total 1"), std::string::npos);
}

TEST(Recovery, ACleanEndIsNoTornTail) {
  auto log = log_with(ten_records());
  ASSERT_TRUE(log->open());
  EXPECT_NE(log->metrics.scrape().find("iotplatform_log_torn_tails_total 0"), std::string::npos);
}

TEST(Recovery, BytesThatAClientSentNeverPassForARecord) {
  LogFixture log;
  log.start();
  log.append_range(1, 3);
  // A record of a later group, as a client would have to write it that does not know the salt.
  std::string forged;
  for (std::uint64_t position = 4; position < 40; ++position)
    append_record(forged, {{position}, 0, 0, 0}, "payload", 0);
  model::ReadingBatch batch = testing::batch_of(4);
  batch.add_text(SensorId{5}, model::MappingType::keyword, Timestamp{4}, forged);
  testing::Waiter waiter;
  ASSERT_TRUE(log.log->append(batch, waiter));
  ASSERT_TRUE(waiter.outcome());
  EXPECT_TRUE(log.disk.restart_process());
  Files files = files_of(log);
  const auto offsets = record_offsets(files[0].second);
  auto after = log_with({{files[0].first, flipped(files[0].second, offsets[3])}});
  ASSERT_TRUE(after->open());
  EXPECT_EQ(after->sink->numbers(), range(1, 3));
}

TEST(Recovery, SaysWhereTheDamageIsAndWhatToDo) {
  const Files files = ten_records();
  const auto offsets = record_offsets(files[0].second);
  auto log = log_with({{files[0].first, flipped(files[0].second, offsets[2] + 30)}});
  const auto opened = log->open();
  ASSERT_FALSE(opened);
  for (const std::string& part : {files[0].first, "byte " + std::to_string(offsets[2]), std::string("record 3"),
                                  std::string("iotplatform verify"), std::string("--repair")}) {
    EXPECT_NE(opened.error().message.find(part), std::string::npos) << opened.error().message;
  }
  EXPECT_EQ(failure_of(opened.error()), Failure::data_loss);
}

/// Several segments with 1,000 records.
Files thousand_records() {
  LogFixture log;
  log.start();
  log.append_range(1, 1'000);
  log.stop();
  return files_of(log);
}

TEST(Recovery, DamageInAnOlderSegmentIsRefusedUnlessTheStoreHasIt) {
  Files files = thousand_records();
  ASSERT_GT(files.size(), 2u);
  files[0].second = flipped(files[0].second, files[0].second.size() - 1);
  const std::uint64_t damaged = record_offsets(files[0].second).size() - 1;
  auto log = log_with(files);
  EXPECT_TRUE(is(log->open().error(), Errc::damaged));
  EXPECT_TRUE(is(log->open({damaged - 1}).error(), Errc::damaged));
  ASSERT_TRUE(log->open({damaged}));
  EXPECT_EQ(log->sink->numbers(), range(static_cast<std::int64_t>(damaged) + 1, 1'000));
  auto reader = log->log->read({damaged});
  ASSERT_TRUE(reader);
  EXPECT_TRUE(is((*reader)->next().error(), Errc::damaged));
}

TEST(Recovery, AMissingSegmentIsRefused) {
  const Files files = thousand_records();
  Files without_second = files;
  without_second.erase(without_second.begin() + 1);
  EXPECT_TRUE(is(log_with(without_second)->open().error(), Errc::damaged));
  Files without_first = files;
  without_first.erase(without_first.begin());
  const auto opened = log_with(without_first)->open();
  ASSERT_FALSE(opened);
  EXPECT_TRUE(is(opened.error(), Errc::damaged));
  EXPECT_NE(opened.error().message.find("missing"), std::string::npos);
}

TEST(Recovery, ARenamedSegmentIsRefused) {
  Files files = ten_records();
  files[0].first = segment_path(log_directory, {2});
  EXPECT_TRUE(is(log_with(files)->open({1}).error(), Errc::damaged));
}

TEST(Recovery, ANewerFormatIsRefused) {
  Files files = ten_records();
  std::string& bytes = files[0].second;
  store_little(bytes.data() + 8, std::uint32_t{2});
  store_little(bytes.data() + 32, crc32c(std::string_view(bytes).substr(0, 32)));
  EXPECT_TRUE(is(log_with(files)->open().error(), Errc::newer_format));
}

TEST(Recovery, AStoreThatIsAheadNeverMissesANewRecord) {
  auto log = log_with(ten_records());
  ASSERT_TRUE(log->open({15}));
  EXPECT_TRUE(log->sink->numbers().empty());
  EXPECT_EQ(*log->append(16), Position{16});
  EXPECT_EQ(log->read_from({1}), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16}));
  log->disk.crash();
  EXPECT_EQ(log->replayed({15}), range(16, 16));
}

TEST(Recovery, AnEmptyDirectoryGoesOnWhereTheStoreIs) {
  LogFixture log;
  log.start({7});
  EXPECT_EQ(*log.append(8), Position{8});
  EXPECT_EQ(log.log->first(), Position{8});
  EXPECT_EQ(log.replayed({7}), range(8, 8));
}

TEST(Recovery, ManyStartsInARowLeaveNothingBehind) {
  LogFixture log;
  log.start();
  log.append_range(1, 3);
  for (int start = 0; start < 20; ++start) {
    EXPECT_TRUE(log.disk.restart_process());
    EXPECT_EQ(log.replayed(), range(1, 3));
  }
  EXPECT_LE(log.segments().size(), 2u);
  EXPECT_LE(log.disk.list(log_directory)->size(), 2u);
}

}  // namespace
}  // namespace iot::log

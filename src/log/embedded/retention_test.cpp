#include "log/embedded/retention.h"

#include <gtest/gtest.h>

#include "log/embedded/testing/log_fixture.h"

namespace iot::log {
namespace {

using testing::eventually;
using testing::range;

class RetentionTest : public ::testing::Test, protected testing::LogFixture {
 protected:
  void fill() {
    start();
    append_range(1, 1'000);
    ASSERT_GT(log->disk_bytes(), 3 * options.segment_bytes);
  }
  /// Waits until the log has done what release() asked for.
  void release(Position position) {
    const auto before = log->first();
    log->release(position);
    static_cast<void>(eventually([&] { return log->first() != before; }));
  }
};

TEST_F(RetentionTest, NothingGoesThatWasNotReleased) {
  options.retain_bytes = 0;
  fill();
  EXPECT_EQ(log->first(), Position{1});
  EXPECT_EQ(log->drop_oldest(UINT64_MAX), 0u);
  EXPECT_EQ(read_from({1}), range(1, 1'000));
}

TEST_F(RetentionTest, ReleasedSegmentsGoAndTheSpaceComesBack) {
  options.retain_bytes = 0;
  fill();
  const auto used = disk.used_bytes();
  release({1'000});
  ASSERT_TRUE(eventually([&] { return segments().size() == 1; }));
  EXPECT_LT(disk.used_bytes(), used / 2);
  EXPECT_TRUE(is(log->read({1}).error(), Errc::position_gone));
  EXPECT_EQ(read_from(log->first()).back(), 1'000);
  disk.crash();
  EXPECT_EQ(replayed({1'000}), range(1, 0));
  EXPECT_EQ(*append(1'001), Position{1'001});
}

TEST_F(RetentionTest, ASegmentGoesOnlyWhenAllOfItIsReleased) {
  options.retain_bytes = 0;
  fill();
  auto second = log->read({1});
  const std::string second_segment = segments()[1];
  const std::uint64_t last_of_first = std::stoull(second_segment.substr(second_segment.size() - 24, 20)) - 1;
  log->release({last_of_first - 1});
  stop();
  EXPECT_EQ(segments().size() > 1 ? segments()[1] : "", second_segment);
  start({last_of_first});
  release({last_of_first});
  EXPECT_EQ(log->first(), Position{last_of_first + 1});
}

TEST_F(RetentionTest, SomeAreKeptForLateJobs) {
  options.retain_bytes = 2 * options.segment_bytes;
  fill();
  release({1'000});
  ASSERT_TRUE(eventually([&] { return log->disk_bytes() <= options.retain_bytes; }));
  EXPECT_GT(log->disk_bytes(), options.segment_bytes / 2);
  EXPECT_GT(log->last(), log->first());
  EXPECT_EQ(read_from(log->first()).back(), 1'000);
}

TEST_F(RetentionTest, OldOnesGoByAge) {
  options.retain_age = std::chrono::hours(1);
  fill();
  clock.advance(std::chrono::hours(1));
  log->release({1'000});
  append_range(1'001, 1'002);
  stop();
  start({1'000});
  EXPECT_EQ(log->first(), Position{1});
  clock.advance(std::chrono::seconds(1));
  release({1'000});
  ASSERT_TRUE(eventually([&] { return segments().size() <= 2; }));
  EXPECT_GT(log->first(), Position{1});
}

TEST_F(RetentionTest, TheDiskBudgetTakesReleasedSegmentsAtOnce) {
  fill();
  log->release({1'000});
  const auto before = log->disk_bytes();
  const auto freed = log->drop_oldest(1);
  EXPECT_GT(freed, 0u);
  EXPECT_EQ(log->disk_bytes(), before - freed);
  EXPECT_GT(log->drop_oldest(UINT64_MAX), 0u);
  EXPECT_EQ(segments().size(), 1u);
  EXPECT_EQ(read_from(log->first()).back(), 1'000);
}

TEST_F(RetentionTest, AReaderThatIsOvertakenIsTold) {
  fill();
  auto reader = log->read({1});
  ASSERT_TRUE((*reader)->next().value());
  log->release({1'000});
  log->drop_oldest(UINT64_MAX);
  Result<std::optional<Record>> record = (*reader)->next();
  while (record && *record) record = (*reader)->next();
  ASSERT_FALSE(record);
  EXPECT_TRUE(is(record.error(), Errc::position_gone));
}

TEST_F(RetentionTest, AFailedRemovalIsTriedAgain) {
  options.retain_bytes = 0;
  fill();
  disk.fail_operations(0, EIO, 2);
  log->release({1'000});
  ASSERT_TRUE(eventually([&] {
    log->release({1'000});
    return log->first() > Position{1} && segments().size() == 1;
  }));
  append_range(1'001, 1'001);
}

}  // namespace
}  // namespace iot::log

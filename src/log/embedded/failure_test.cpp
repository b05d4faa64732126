// Disks that refuse, fill up, or lie.
#include <cerrno>

#include <gtest/gtest.h>

#include "log/embedded/testing/log_fixture.h"

namespace iot::log {
namespace {

using testing::batch_of;
using testing::eventually;
using testing::range;
using testing::Waiter;

class LogFailureTest : public ::testing::Test, protected testing::LogFixture {
 protected:
  void wait_until_healthy() {
    ASSERT_TRUE(eventually([&] { return log->healthy().has_value(); }));
  }
};

bool contains_all(const std::vector<std::int64_t>& have, const std::vector<std::int64_t>& wanted) {
  return std::includes(have.begin(), have.end(), wanted.begin(), wanted.end());
}

TEST_F(LogFailureTest, AFailureOfAnyOperationLosesNothingAcknowledged) {
  for (const int error : {EIO, ENOSPC}) {
    for (std::uint64_t operation = 0;; ++operation) {
      SCOPED_TRACE("errno " + std::to_string(error) + " at operation " + std::to_string(operation));
      LogFixture one;
      one.disk.fail_operations(operation, error);
      std::vector<std::int64_t> acknowledged;
      std::size_t refused = 0;
      const auto open = [&] {
        if (one.open()) return;
        ++refused;
        one.start();
      };
      open();
      for (std::int64_t number = 1; number <= 8; ++number) {
        if (number == 5) open();
        if (one.append(number, 3'000)) {
          acknowledged.push_back(number);
        } else {
          ++refused;
          ASSERT_TRUE(eventually([&] { return one.log->healthy().has_value(); }));
        }
      }
      EXPECT_LE(refused, 1u);
      const auto operations = one.disk.operations();
      one.disk.crash();
      const auto recovered = one.replayed();
      ASSERT_TRUE(contains_all(recovered, acknowledged));
      ASSERT_TRUE(contains_all(range(1, 8), recovered));
      ASSERT_EQ(std::adjacent_find(recovered.begin(), recovered.end()), recovered.end());
      if (operation > operations) break;
    }
  }
}

TEST_F(LogFailureTest, NothingOfAFailedSyncIsAcknowledgedByALaterOne) {
  start();
  append_range(1, 3);
  disk.fail_syncs(0, EIO);
  const auto failed = append(4);
  ASSERT_FALSE(failed);
  EXPECT_TRUE(is(failed.error(), Errc::write_failed));
  EXPECT_EQ(failure_of(failed.error()), Failure::unavailable);
  wait_until_healthy();
  append_range(5, 6);
  // The failed file is not written again.
  EXPECT_EQ(segments().size(), 2u);
  EXPECT_EQ(log->last(), Position{5});
  EXPECT_EQ(sink->numbers(), (std::vector<std::int64_t>{1, 2, 3, 5, 6}));
  EXPECT_EQ(read_from({1}), sink->numbers());
  disk.crash();
  EXPECT_EQ(replayed(), (std::vector<std::int64_t>{1, 2, 3, 5, 6}));
}

TEST_F(LogFailureTest, WhatAFailedSyncLeftInTheKernelIsWrittenAgainBeforeItIsBelieved) {
  // The record was never acknowledged, but a new process sees it. Once it is replayed it must stay, though the kernel
  // holds its pages for clean.
  start();
  append_range(1, 3);
  // The write works; its sync and all that would tidy up after it do not.
  disk.fail_operations(1, EIO, 1'000'000'000);
  ASSERT_FALSE(append(4));
  disk.kill_process();
  stop();
  ASSERT_TRUE(disk.restart_process());
  ASSERT_EQ(replayed(), range(1, 4));
  disk.crash();
  EXPECT_EQ(replayed(), range(1, 4));
}

TEST_F(LogFailureTest, EverybodyWhoWaitsIsTold) {
  start();
  std::deque<Waiter> waiters;
  disk.fail_syncs(0, EIO, 5);
  std::size_t accepted = 0;
  for (std::int64_t number = 1; number <= 200; ++number) {
    if (log->append(batch_of(number), waiters.emplace_back())) {
      ++accepted;
    } else {
      waiters.pop_back();
    }
  }
  std::vector<std::int64_t> positions;
  for (Waiter& waiter : waiters) {
    const auto& outcome = waiter.outcome();
    if (outcome) positions.push_back(static_cast<std::int64_t>(outcome->value));
  }
  EXPECT_EQ(waiters.size(), accepted);
  EXPECT_EQ(positions, range(1, static_cast<std::int64_t>(positions.size())));
  EXPECT_EQ(sink->numbers().size(), positions.size());
}

TEST_F(LogFailureTest, WhileTheDiskFailsAppendsAreRefusedAtOnce) {
  start();
  append_range(1, 2);
  disk.fail_operations(0, EIO, 1'000'000'000);
  ASSERT_FALSE(append(3));
  Waiter waiter;
  const auto refused = log->append(batch_of(4), waiter);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is(refused.error(), Errc::write_failed));
  EXPECT_FALSE(waiter.is_told());
  ASSERT_FALSE(log->healthy());
  EXPECT_NE(metrics.scrape().find("iotplatform_log_healthy 0"), std::string::npos);
  disk.fail_operations(0, 0, 0);
  wait_until_healthy();
  append_range(5, 6);
  disk.crash();
  EXPECT_EQ(replayed(), (std::vector<std::int64_t>{1, 2, 5, 6}));
}

TEST_F(LogFailureTest, AFullDiskRefusesAndRecoversByItself) {
  start();
  disk.set_capacity(100'000);
  std::vector<std::int64_t> acknowledged;
  std::int64_t number = 0;
  while (true) {
    const auto appended = append(++number, 2'000);
    if (!appended) {
      EXPECT_TRUE(is(appended.error(), Errc::disk_full)) << appended.error().message;
      break;
    }
    acknowledged.push_back(number);
  }
  EXPECT_GT(acknowledged.size(), 20u);
  const auto health = log->healthy();
  ASSERT_FALSE(health);
  EXPECT_TRUE(is(health.error(), Errc::disk_full));
  Waiter waiter;
  EXPECT_TRUE(is(log->append(batch_of(++number), waiter).error(), Errc::disk_full));
  disk.set_capacity(200'000);
  wait_until_healthy();
  ASSERT_TRUE(append(++number));
  acknowledged.push_back(number);
  EXPECT_EQ(sink->numbers(), acknowledged);
  disk.crash();
  EXPECT_EQ(replayed(), acknowledged);
}

TEST_F(LogFailureTest, AStartOnAFullDiskSaysSoAndLosesNothing) {
  start();
  append_range(1, 20, 2'000);
  disk.set_capacity(disk.used_bytes() + 8'000);
  disk.restart_process();
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_TRUE(is(opened.error(), Errc::disk_full));
  disk.set_capacity(UINT64_MAX);
  EXPECT_EQ(replayed(), range(1, 20));
}

TEST_F(LogFailureTest, StopsWhileTheDiskFails) {
  start();
  disk.fail_operations(0, EIO, 1'000'000'000);
  ASSERT_FALSE(append(1));
  log->stop();
  Waiter waiter;
  EXPECT_TRUE(is(log->append(batch_of(2), waiter).error(), Errc::shutting_down));
}

}  // namespace
}  // namespace iot::log

#include "log/embedded/embedded_log.h"

#include <thread>

#include <gtest/gtest.h>

#include "log/embedded/testing/log_fixture.h"

namespace iot::log {
namespace {

using testing::batch_of;
using testing::number_of;
using testing::range;
using testing::Waiter;

class EmbeddedLogTest : public ::testing::Test, protected testing::LogFixture {};

TEST_F(EmbeddedLogTest, GivesPositionsFromOneOn) {
  start();
  EXPECT_EQ(log->first(), Position{1});
  EXPECT_EQ(log->last(), Position{0});
  EXPECT_EQ(*append(10), Position{1});
  EXPECT_EQ(*append(11), Position{2});
  EXPECT_EQ(log->last(), Position{2});
  EXPECT_EQ(sink->numbers(), range(10, 11));
  EXPECT_EQ(sink->positions(), (std::vector<Position>{{1}, {2}}));
}

TEST_F(EmbeddedLogTest, ReplaysWhatTheStoreDoesNotHave) {
  start();
  append_range(1, 10);
  EXPECT_EQ(replayed(), range(1, 10));
  EXPECT_EQ(log->replayed_records(), 10u);
  EXPECT_EQ(replayed({4}), range(5, 10));
  EXPECT_EQ(replayed({10}), range(1, 0));
  EXPECT_EQ(*append(11), Position{11});
  EXPECT_EQ(replayed({9}), range(10, 11));
}

TEST_F(EmbeddedLogTest, WhatWasAcknowledgedSurvivesACrashOfTheDisk) {
  start();
  append_range(1, 1'000);
  ASSERT_GT(segments().size(), 2u);
  disk.crash();
  EXPECT_EQ(replayed(), range(1, 1'000));
}

TEST_F(EmbeddedLogTest, TheSinkHasARecordBeforeItsWaiterIsTold) {
  struct : AppendWaiter {
    void appended(const Result<Position>& outcome) noexcept override {
      seen = sink->numbers();
      told.appended(outcome);
    }
    testing::RememberingSink* sink = nullptr;
    std::vector<std::int64_t> seen;
    Waiter told;
  } waiter;
  start();
  waiter.sink = sink.get();
  ASSERT_TRUE(log->append(batch_of(7), waiter));
  ASSERT_TRUE(waiter.told.outcome());
  EXPECT_EQ(waiter.seen, range(7, 7));
}

TEST_F(EmbeddedLogTest, AllThatWaitedShareOneSync) {
  start();
  std::atomic<int> group_ends = 0;
  stop();
  options.on_group_end = [&] { ++group_ends; };
  start();
  const auto before = disk.operations();
  append_group(1, 500);
  stop();
  EXPECT_EQ(group_ends, 2);
  // Two groups, each of a write, some zeros ahead at most, and a sync; a new segment or two.
  EXPECT_LT(disk.operations() - before, 30u);
  EXPECT_EQ(replayed(), range(1, 500));
}

TEST_F(EmbeddedLogTest, StopTellsEveryoneAndRefusesFromThenOn) {
  start();
  std::deque<Waiter> waiters;
  for (std::int64_t number = 1; number <= 50; ++number) {
    ASSERT_TRUE(log->append(batch_of(number), waiters.emplace_back()));
  }
  log->stop();
  for (Waiter& waiter : waiters) {
    ASSERT_TRUE(waiter.is_told());
    EXPECT_TRUE(waiter.outcome().has_value());
  }
  Waiter late;
  const auto refused = log->append(batch_of(51), late);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is(refused.error(), Errc::shutting_down));
  log->stop();
  EXPECT_FALSE(late.is_told());
  disk.crash();
  EXPECT_EQ(replayed(), range(1, 50));
}

TEST_F(EmbeddedLogTest, ARecordMayBeAsLargeAsTheLimitAndNoLarger) {
  std::string payload;
  batch_of(1, 1'000).encode(payload);
  options.record_bytes_max = payload.size();
  start();
  EXPECT_TRUE(append(1, 999));
  EXPECT_TRUE(append(2, 1'000));
  const auto refused = append(3, 1'001);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is(refused.error(), Errc::too_large));
  EXPECT_EQ(failure_of(refused.error()), Failure::too_large);
  EXPECT_EQ(*append(4), Position{3});
  EXPECT_EQ(replayed(), (std::vector<std::int64_t>{1, 2, 4}));
}

TEST_F(EmbeddedLogTest, ARecordLargerThanASegmentGetsOneOfItsOwn) {
  start();
  append_range(1, 3);
  append_range(4, 4, 100'000);
  append_range(5, 6);
  EXPECT_EQ(replayed(), range(1, 6));
  EXPECT_EQ(read_from({1}), range(1, 6));
}

TEST_F(EmbeddedLogTest, WhatWaitsIsBounded) {
  std::string payload;
  batch_of(1).encode(payload);
  const std::size_t record_bytes = payload.size() + 24;
  options.pending_bytes_max = 4 * record_bytes;
  // The first group is held inside the sink, so that the others wait.
  struct HoldingSink : CommitSink {
    void committed(std::span<const Record>) noexcept override {
      entered = true;
      while (!may_leave) std::this_thread::yield();
    }
    std::atomic<bool> entered = false;
    std::atomic<bool> may_leave = false;
  } holding;
  auto held = EmbeddedLog::open(disk, "data/log", options, metrics, {}, holding);
  ASSERT_TRUE(held);
  std::deque<Waiter> waiters;
  ASSERT_TRUE((*held)->append(batch_of(1), waiters.emplace_back()));
  ASSERT_TRUE(testing::eventually([&] { return holding.entered.load(); }));
  for (int number = 2; number <= 4; ++number) ASSERT_TRUE((*held)->append(batch_of(number), waiters.emplace_back()));
  Waiter too_many;
  const auto refused = (*held)->append(batch_of(5), too_many);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is(refused.error(), Errc::overloaded));
  EXPECT_EQ(failure_of(refused.error()), Failure::unavailable);
  holding.may_leave = true;
  for (Waiter& waiter : waiters) EXPECT_TRUE(waiter.outcome().has_value());
  EXPECT_FALSE(too_many.is_told());
  Waiter again;
  ASSERT_TRUE(testing::eventually([&] { return (*held)->append(batch_of(5), again).has_value(); }));
  EXPECT_EQ(*again.outcome(), Position{5});
}

TEST_F(EmbeddedLogTest, AReaderFollowsTheEnd) {
  start();
  append_range(1, 200);
  auto reader = log->read({150});
  ASSERT_TRUE(reader);
  for (std::int64_t number = 150; number <= 200; ++number) {
    const auto record = (*reader)->next();
    ASSERT_TRUE(record && *record);
    EXPECT_EQ(number_of((*record)->payload), number);
    EXPECT_EQ((*record)->position.value, static_cast<std::uint64_t>(number));
  }
  for (std::int64_t number = 201; number <= 600; ++number) {
    const auto at_end = (*reader)->next();
    ASSERT_TRUE(at_end);
    EXPECT_FALSE(*at_end);
    append_range(number, number);
    const auto record = (*reader)->next();
    ASSERT_TRUE(record && *record);
    EXPECT_EQ(number_of((*record)->payload), number);
  }
}

TEST_F(EmbeddedLogTest, AReaderMayStartAtTheEndAndPastIt) {
  start();
  append_range(1, 3);
  auto at_end = log->read({4});
  auto past_end = log->read({6});
  ASSERT_TRUE(at_end && past_end);
  EXPECT_FALSE((*at_end)->next().value());
  EXPECT_FALSE((*past_end)->next().value());
  append_range(4, 7);
  EXPECT_EQ(number_of((*at_end)->next().value()->payload), 4);
  EXPECT_EQ(number_of((*past_end)->next().value()->payload), 6);
}

TEST_F(EmbeddedLogTest, ManyAppendersAndReadersAtOnce) {
  options.segment_bytes = 64u << 10;
  start();
  constexpr int appenders = 4;
  constexpr std::int64_t each = 300;
  std::vector<std::thread> threads;
  std::vector<std::vector<Position>> positions(appenders);
  for (int appender = 0; appender < appenders; ++appender) {
    threads.emplace_back([&, appender] {
      for (std::int64_t index = 0; index < each; index += 10) {
        std::deque<Waiter> waiters;
        for (std::int64_t step = 0; step < 10; ++step) {
          ASSERT_TRUE(log->append(batch_of(appender * 1'000 + index + step), waiters.emplace_back()));
        }
        for (Waiter& waiter : waiters) positions[static_cast<std::size_t>(appender)].push_back(*waiter.outcome());
      }
    });
  }
  std::vector<std::int64_t> read;
  threads.emplace_back([&] {
    auto reader = log->read({1});
    ASSERT_TRUE(reader);
    ASSERT_TRUE(testing::eventually([&] {
      const auto record = (*reader)->next();
      if (record && *record) read.push_back(number_of((*record)->payload));
      log->release({read.size() / 2});
      return read.size() == appenders * each || !record;
    }));
  });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(read, sink->numbers());
  ASSERT_EQ(read.size(), static_cast<std::size_t>(appenders * each));
  for (int appender = 0; appender < appenders; ++appender) {
    std::int64_t index = 0;
    for (const Position position : positions[static_cast<std::size_t>(appender)]) {
      ASSERT_EQ(read[position.value - 1], appender * 1'000 + index++);
    }
  }
}

TEST_F(EmbeddedLogTest, CountsWhatItDoes) {
  start();
  append_range(1, 3);
  stop();
  const auto text = metrics.scrape();
  EXPECT_NE(text.find("iotplatform_log_appended_records_total 3"), std::string::npos) << text;
  EXPECT_NE(text.find("iotplatform_log_last_position 3"), std::string::npos) << text;
  EXPECT_NE(text.find("iotplatform_log_healthy 1"), std::string::npos) << text;
}

}  // namespace
}  // namespace iot::log

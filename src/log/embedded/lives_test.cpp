// Thousands of short lives of a log on a disk that loses power, fails and lies, held against a model that remembers
// what was acknowledged.
#include <cerrno>
#include <cstdlib>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "log/embedded/testing/log_fixture.h"

namespace iot::log {
namespace {

using testing::batch_of;
using testing::LogFixture;
using testing::Waiter;

class Lives {
 public:
  explicit Lives(std::uint64_t seed) : random_(seed) {
    log_.options.segment_bytes = 4'096;
    log_.options.retain_bytes = below(2) == 0 ? 0 : 1u << 20;
  }

  void live() {
    // Each seventh start or so breaks off itself.
    if (below(7) == 0) {
      log_.disk.cut_power_at(below(12));
      static_cast<void>(log_.open(stored_).has_value());
      die();
    }
    const auto opened = log_.open(stored_);
    ASSERT_TRUE(opened) << opened.error().message;
    check_replay();
    if (::testing::Test::HasFatalFailure()) return;
    break_something();
    work();
    die();
  }

  std::size_t acknowledged() const { return acknowledged_; }
  std::size_t failed() const { return failed_; }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  /// What the new start handed over must be all that was promised, in order, once, and nothing that nobody appended.
  void check_replay() {
    const auto numbers = log_.sink->numbers();
    const auto positions = log_.sink->positions();
    std::map<std::uint64_t, std::int64_t> seen;
    for (std::size_t index = 0; index < numbers.size(); ++index) {
      ASSERT_EQ(positions[index].value, stored_.value + 1 + index);
      ASSERT_TRUE(appended_.contains(numbers[index]));
      const auto [at, is_new] = place_.try_emplace(numbers[index], positions[index].value);
      ASSERT_TRUE(is_new || at->second == positions[index].value) << "record " << numbers[index] << " came twice";
      seen[positions[index].value] = numbers[index];
    }
    for (const auto& [position, number] : promised_) {
      if (position <= stored_.value) continue;
      ASSERT_TRUE(seen.contains(position)) << "position " << position << " is lost";
      ASSERT_EQ(seen[position], number);
    }
    // What the store has been given must never change again.
    promised_ = std::move(seen);
    ASSERT_EQ(log_.log->last().value, stored_.value + numbers.size());
  }

  void break_something() {
    switch (below(5)) {
      case 0:
        log_.disk.cut_power_at(below(60));
        break;
      case 1:
        log_.disk.fail_operations(below(60), below(2) == 0 ? EIO : ENOSPC, 1 + below(5));
        break;
      case 2:
        log_.disk.fail_syncs(below(20), EIO, 1 + below(3));
        break;
      default:
        break;
    }
  }

  void work() {
    std::deque<std::pair<std::int64_t, Waiter>> waiting;
    for (std::uint64_t step = below(30); step > 0; --step) {
      const std::int64_t number = next_number_++;
      appended_.insert(number);
      waiting.emplace_back();
      waiting.back().first = number;
      if (!log_.log->append(batch_of(number, below(3) == 0 ? below(3'000) : 0), waiting.back().second)) {
        waiting.pop_back();
        ++failed_;
      }
      // Sometimes in groups, sometimes one by one.
      if (below(3) == 0) settle(waiting);
      if (below(15) == 0) {
        stored_ = log_.log->last();
        log_.log->release(stored_);
      }
    }
    settle(waiting);
  }

  void settle(std::deque<std::pair<std::int64_t, Waiter>>& waiting) {
    for (auto& [number, waiter] : waiting) {
      const auto& outcome = waiter.outcome();
      if (!outcome) {
        ++failed_;
        continue;
      }
      ++acknowledged_;
      EXPECT_TRUE(promised_.try_emplace(outcome->value, number).second)
          << "position " << outcome->value << " given twice";
    }
    waiting.clear();
  }

  void die() {
    log_.disk.kill_process();
    log_.stop();
    const auto choice = below(4);
    if (choice == 0) {
      log_.disk.crash();
    } else if (choice > 1 || !log_.disk.restart_process()) {
      log_.disk.crash(random_);
    }
  }

  std::mt19937_64 random_;
  LogFixture log_;
  std::int64_t next_number_ = 1;
  Position stored_;
  std::set<std::int64_t> appended_;
  /// Position to number of what must be there.
  std::map<std::uint64_t, std::int64_t> promised_;
  /// Number to the position where it was first seen after a start.
  std::map<std::int64_t, std::uint64_t> place_;
  std::size_t acknowledged_ = 0;
  std::size_t failed_ = 0;
};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(Lives, WhatWasAcknowledgedIsThereInOrderAndOnce) {
  const std::uint64_t seed = from_environment("IOT_SEED", std::random_device{}());
  const std::uint64_t disks = from_environment("IOT_LIVES", 3'000) / 30;
  std::size_t acknowledged = 0;
  std::size_t failed = 0;
  for (std::uint64_t disk = 0; disk < disks; ++disk) {
    SCOPED_TRACE("IOT_SEED=" + std::to_string(seed) + ", disk " + std::to_string(disk));
    Lives lives(seed + disk);
    for (int life = 0; life < 30 && !HasFatalFailure(); ++life) lives.live();
    ASSERT_FALSE(HasFailure());
    acknowledged += lives.acknowledged();
    failed += lives.failed();
  }
  EXPECT_GT(acknowledged, disks * 100);
  EXPECT_GT(failed, disks);
  RecordProperty("acknowledged", std::to_string(acknowledged));
}

}  // namespace
}  // namespace iot::log

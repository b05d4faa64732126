#include "bench/schedule.h"

#include <set>

#include <gtest/gtest.h>

namespace iot::bench {
namespace {

TEST(Schedule, MessagesAreDueAtFixedTimes) {
  const Schedule schedule(1000, 5);
  EXPECT_EQ(schedule.due_ns(0), 5);
  EXPECT_EQ(schedule.due_ns(1), 1'000'005);
  EXPECT_EQ(schedule.due_ns(3'600'000), 3'600'000'000'005);
}

TEST(Schedule, ARateThatIsNoWholeNumberOfNanosecondsDoesNotDrift) {
  const Schedule schedule(3, 0);
  EXPECT_EQ(schedule.due_ns(3'000'000), 1'000'000'000'000'000);
}

TEST(Schedule, SharesTogetherMakeTheWhole) {
  const Schedule whole(700, 100);
  std::set<std::int64_t> due, due_of_shares;
  for (std::uint64_t n = 0; n < 12; ++n) due.insert(whole.due_ns(n));
  for (std::uint64_t share = 0; share < 3; ++share) {
    for (std::uint64_t n = 0; n < 4; ++n) due_of_shares.insert(Schedule(700, 100, share, 3).due_ns(n));
  }
  EXPECT_EQ(due, due_of_shares);
}

}  // namespace
}  // namespace iot::bench

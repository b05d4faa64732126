#include <gtest/gtest.h>

#include "access/passwords.h"

namespace iot::access {
namespace {

using std::chrono::seconds;

class SignInLimiterTest : public ::testing::Test {
 protected:
  void fail(int times, std::string_view user = "ann", std::string_view address = "10.0.0.1") {
    for (int i = 0; i < times; ++i) limiter_.failed(user, address);
  }
  seconds wait(std::string_view user = "ann", std::string_view address = "10.0.0.1") const {
    return limiter_.wait_for(user, address);
  }

  ManualClock clock_;
  SignInLimiter limiter_{{.attempts_max = 3, .attempt_every = seconds(6), .entries_max = 4}, clock_};
};

TEST_F(SignInLimiterTest, AllowsAsManyFailuresAsTheLimitSays) {
  EXPECT_EQ(wait(), seconds(0));
  fail(2);
  EXPECT_EQ(wait(), seconds(0));
  fail(1);
  EXPECT_EQ(wait(), seconds(6));
}

TEST_F(SignInLimiterTest, GivesOneAttemptBackAtATime) {
  fail(3);
  clock_.advance(std::chrono::milliseconds(5'999));
  EXPECT_EQ(wait(), seconds(1));
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(wait(), seconds(0));
  fail(1);
  EXPECT_EQ(wait(), seconds(6));
  clock_.advance(std::chrono::hours(24));
  fail(2);
  EXPECT_EQ(wait(), seconds(0));
  fail(1);
  EXPECT_EQ(wait(), seconds(6)) << "no more than the limit is saved up";
}

TEST_F(SignInLimiterTest, CountsUserNamesAndAddressesApart) {
  fail(3);
  EXPECT_GT(wait("ann", "10.0.0.2"), seconds(0)) << "one name guessed from many addresses";
  EXPECT_GT(wait("bob", "10.0.0.1"), seconds(0)) << "many names guessed from one address";
  EXPECT_EQ(wait("bob", "10.0.0.2"), seconds(0));
  EXPECT_EQ(wait("10.0.0.1", "ann"), seconds(0)) << "a name that looks like an address is a name";
}

TEST_F(SignInLimiterTest, ASuccessForgetsTheNamesFailuresAndOneOfTheAddress) {
  fail(3);
  limiter_.succeeded("ann", "10.0.0.1");
  EXPECT_EQ(wait("ann", "10.0.0.2"), seconds(0));
  EXPECT_EQ(wait(), seconds(0));
  fail(1, "bob");
  EXPECT_GT(wait("carl"), seconds(0)) << "the address got one attempt back and no more";
}

TEST_F(SignInLimiterTest, RemembersNoMoreThanItsBound) {
  fail(3);
  // Two entries each: the third pair pushes out the first.
  fail(1, "b", "2");
  EXPECT_GT(wait("ann", "x"), seconds(0));
  fail(1, "c", "3");
  EXPECT_EQ(wait("ann", "x"), seconds(0));
}

}  // namespace
}  // namespace iot::access

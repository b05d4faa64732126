#include "access/passwords.h"

#include <ctime>
#include <set>

#include <gtest/gtest.h>

namespace iot::access {
namespace {

/// Quick: the cost is the setting's and not what is tested.
constexpr PasswordOptions quick{.memory_bytes = 64 << 10, .passes = 1};

TEST(Passwords, KnowsTheRightOneAndNoOther) {
  const Passwords passwords(quick);
  const std::string hash = passwords.hash("correct horse");
  EXPECT_TRUE(passwords.verify("correct horse", hash));
  EXPECT_FALSE(passwords.verify("correct hors", hash));
  EXPECT_FALSE(passwords.verify("correct horse ", hash));
  EXPECT_FALSE(passwords.verify("", hash));
  EXPECT_FALSE(passwords.verify(std::string_view("correct horse\0x", 15), hash));
}

TEST(Passwords, AreArgon2idWithASaltOfTheirOwn) {
  const Passwords passwords(quick);
  const std::string hash = passwords.hash("x");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << hash;
  EXPECT_NE(hash, passwords.hash("x"));
}

TEST(Passwords, AnUnknownUserHasNone) {
  const Passwords passwords(quick);
  EXPECT_FALSE(passwords.verify("", ""));
  EXPECT_FALSE(passwords.verify("anything", ""));
}

TEST(Passwords, ADamagedHashFitsNothing) {
  const Passwords passwords(quick);
  EXPECT_FALSE(passwords.verify("x", "$argon2id$"));
  EXPECT_FALSE(passwords.verify("x", "x"));
  EXPECT_FALSE(passwords.verify("x", std::string(5'000, '$')));
}

TEST(Passwords, AnUnknownUserTakesTheTimeOfAKnownOne) {
  const Passwords passwords(PasswordOptions{.memory_bytes = 8u << 20, .passes = 2});
  const std::string hash = passwords.hash("right");
  // Processor time of the best of several: what a busy machine does in between does not count.
  const auto seconds = [&](std::string_view against) {
    double best = 1e9;
    for (int i = 0; i < 7; ++i) {
      const std::clock_t start = std::clock();
      EXPECT_FALSE(passwords.verify("wrong", against));
      best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    }
    return best;
  };
  const double known = seconds(hash);
  const double unknown = seconds("");
  EXPECT_GT(unknown, known * 0.5);
  EXPECT_LT(unknown, known * 2);
}

TEST(Passwords, GeneratesDifferentOnesOfTwentyLettersAndDigits) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string password = Passwords::generate();
    EXPECT_EQ(password.size(), 20u);
    EXPECT_EQ(password.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
              std::string::npos);
    EXPECT_TRUE(seen.insert(password).second);
  }
}

}  // namespace
}  // namespace iot::access

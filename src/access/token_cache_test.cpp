#include "access/token_cache.h"

#include <thread>

#include <gtest/gtest.h>

namespace iot::access {
namespace {

std::string token(int number) {
  return std::string(100, 'x') + "." + std::to_string(number);
}

Claims claims(int subject) {
  Claims made;
  made.identity.subject = subject;
  return made;
}

TEST(TokenCache, GivesBackWhatWasPutIn) {
  TokenCache cache(100);
  EXPECT_FALSE(cache.find(token(1)));
  cache.insert(token(1), claims(1));
  ASSERT_TRUE(cache.find(token(1)));
  EXPECT_EQ(cache.find(token(1))->identity.subject, 1);
  cache.insert(token(1), claims(2));
  EXPECT_EQ(cache.find(token(1))->identity.subject, 2);
  EXPECT_EQ(cache.size(), 1u);
  cache.erase(token(1));
  EXPECT_FALSE(cache.find(token(1)));
}

TEST(TokenCache, ComparesTheWholeTokenAndNotItsHash) {
  TokenCache cache(100);
  // The hash looks at the last 32 characters and the length: these two differ in neither.
  const std::string one = "a" + std::string(99, 'y');
  const std::string other = "b" + std::string(99, 'y');
  cache.insert(one, claims(1));
  EXPECT_FALSE(cache.find(other));
  cache.erase(other);
  EXPECT_TRUE(cache.find(one));
}

TEST(TokenCache, DropsTheLeastRecentlyUsedWhenFull) {
  TokenCache cache(2);
  cache.insert(token(1), claims(1));
  cache.insert(token(2), claims(2));
  EXPECT_TRUE(cache.find(token(1)));
  cache.insert(token(3), claims(3));
  EXPECT_TRUE(cache.find(token(1)));
  EXPECT_FALSE(cache.find(token(2)));
  EXPECT_TRUE(cache.find(token(3)));
}

TEST(TokenCache, StaysWithinItsBound) {
  for (const std::size_t bound : {0u, 1u, 2u, 63u, 64u, 65u, 1'000u}) {
    TokenCache cache(bound);
    for (int i = 0; i < 3'000; ++i) cache.insert(token(i), claims(i));
    EXPECT_LE(cache.size(), bound);
    EXPECT_GE(cache.size(), bound * 9 / 10);
  }
}

TEST(TokenCache, MayBeUsedByManyThreads) {
  TokenCache cache(128);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache] {
      for (int i = 0; i < 2'000; ++i) {
        cache.insert(token(i % 300), claims(i % 300));
        const auto found = cache.find(token(i % 300));
        EXPECT_TRUE(!found || found->identity.subject == i % 300);
        if (i % 7 == 0) cache.erase(token(i % 300));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache.size(), 128u);
}

TEST(ConstantTimeComparison, SeesEveryByte) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'a');
    EXPECT_TRUE(equal_in_constant_time(text, text));
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'b';
      EXPECT_FALSE(equal_in_constant_time(text, other)) << size << " " << at;
    }
    EXPECT_FALSE(equal_in_constant_time(text, text + "a"));
  }
}

}  // namespace
}  // namespace iot::access

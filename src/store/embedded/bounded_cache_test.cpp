#include "store/embedded/bounded_cache.h"

#include <memory>

#include <gtest/gtest.h>

namespace iot::store {
namespace {

using Cache = BoundedCache<int, std::shared_ptr<const int>>;

std::shared_ptr<const int> value(int number) {
  return std::make_shared<const int>(number);
}

TEST(BoundedCache, GivesWhatWasOffered) {
  Cache cache(100);
  EXPECT_EQ(cache.find(1), nullptr);
  cache.offer(1, value(11), 10);
  ASSERT_NE(cache.find(1), nullptr);
  EXPECT_EQ(*cache.find(1), 11);
  EXPECT_EQ(cache.bytes(), 10u);
  cache.erase(1);
  EXPECT_EQ(cache.find(1), nullptr);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(BoundedCache, WhatIsOfferedTwiceTakesThePlaceOfWhatWasUsedLongestAgo) {
  Cache cache(30);
  for (int key = 0; key < 3; ++key) cache.offer(key, value(key), 10);
  cache.find(0);
  cache.offer(7, value(7), 10);
  EXPECT_EQ(cache.find(7), nullptr);
  cache.offer(7, value(7), 10);
  EXPECT_NE(cache.find(7), nullptr);
  EXPECT_EQ(cache.find(1), nullptr);
  EXPECT_NE(cache.find(0), nullptr);
  EXPECT_EQ(cache.bytes(), 30u);
}

TEST(BoundedCache, WalksOverMoreThanFitsLeaveWhatIsThere) {
  Cache cache(100);
  for (int walk = 0; walk < 3; ++walk) {
    for (int key = 0; key < 1'000; ++key) cache.offer(key, value(key), 10);
  }
  for (int key = 0; key < 10; ++key) EXPECT_NE(cache.find(key), nullptr) << key;
  EXPECT_EQ(cache.bytes(), 100u);
}

TEST(BoundedCache, WhatIsTooLargeNeverGetsIn) {
  Cache cache(100);
  cache.offer(1, value(1), 50);
  cache.offer(2, value(2), 101);
  cache.offer(2, value(2), 101);
  EXPECT_EQ(cache.find(2), nullptr);
  EXPECT_NE(cache.find(1), nullptr);
}

TEST(BoundedCache, OfNoBytesKeepsNothing) {
  Cache cache(0);
  cache.offer(1, value(1), 1);
  cache.offer(1, value(1), 1);
  EXPECT_EQ(cache.find(1), nullptr);
}

}  // namespace
}  // namespace iot::store

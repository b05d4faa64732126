#include "api/short_queries.h"

#include <gtest/gtest.h>

namespace iot::api {
namespace {

using std::chrono::microseconds;

TEST(ShortQueriesTest, WhatWasShortIsTakenForShortUntilItIsNot) {
  ShortQueries queries(microseconds(500));
  const auto key = ShortQueries::key_of("/3_4/_search", R"({"size":10})");
  EXPECT_FALSE(queries.was_short(key));
  queries.note(key, microseconds(501));
  EXPECT_FALSE(queries.was_short(key));
  queries.note(key, microseconds(500));
  EXPECT_TRUE(queries.was_short(key));
  queries.note(key, microseconds(501));
  EXPECT_FALSE(queries.was_short(key));
}

TEST(ShortQueriesTest, OtherTimesInTheBodyAreTheSameQuery) {
  EXPECT_EQ(ShortQueries::key_of("/3_4/_search", R"({"gte":1526717967,"size":10})"),
            ShortQueries::key_of("/3_4/_search", R"({"gte":1526717999,"size":10})"));
  EXPECT_NE(ShortQueries::key_of("/3_4/_search", R"({"size":10})"),
            ShortQueries::key_of("/3_4/_search", R"({"size":10000})"));
  EXPECT_NE(ShortQueries::key_of("/3_4/_search", ""), ShortQueries::key_of("/3_5/_search", ""));
}

TEST(ShortQueriesTest, ALongQueryDoesNotPushAShortOneOut) {
  ShortQueries queries(microseconds(500));
  for (int i = 0; i < 10'000; ++i) {
    const auto key = ShortQueries::key_of("/3_" + std::to_string(i) + "/_search", "");
    queries.note(key, microseconds(1));
    for (int j = 0; j < 3; ++j) queries.note(key ^ 2, microseconds(900));
    ASSERT_TRUE(queries.was_short(key));
  }
}

TEST(ShortQueriesTest, NoneIsShortWhereNoTimeIsGiven) {
  ShortQueries queries(microseconds(0));
  const auto key = ShortQueries::key_of("/", "");
  queries.note(key, std::chrono::nanoseconds(1));
  EXPECT_FALSE(queries.was_short(key));
}

}  // namespace
}  // namespace iot::api

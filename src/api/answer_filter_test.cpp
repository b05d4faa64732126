#include "api/answer_filter.h"

#include <array>

#include <gtest/gtest.h>

namespace iot::api {
namespace {

bool shows(std::string_view patterns, std::initializer_list<std::string_view> path) {
  return AnswerFilter(patterns).shows(path);
}

TEST(AnswerFilter, ShowsAllWithoutPatterns) {
  EXPECT_TRUE(shows("", {"took"}));
  EXPECT_TRUE(shows(",", {"items", "index", "_id"}));
}

TEST(AnswerFilter, ShowsWhatAPatternNamesAndAllBeneath) {
  EXPECT_TRUE(shows("errors,took", {"took"}));
  EXPECT_FALSE(shows("errors", {"took"}));
  EXPECT_TRUE(shows("items.*.error", {"items", "index", "error", "reason"}));
  EXPECT_FALSE(shows("items.*.error", {"items", "index", "status"}));
  EXPECT_TRUE(shows("items.ind*.s*", {"items", "index", "status"}));
  EXPECT_FALSE(shows("items.index.status.more", {"items", "index", "status"}));
}

TEST(AnswerFilter, TwoStarsStandForAnyNames) {
  EXPECT_TRUE(shows("**.reason", {"items", "index", "error", "reason"}));
  EXPECT_TRUE(shows("**", {"took"}));
  EXPECT_TRUE(shows("items.**.status", {"items", "index", "status"}));
  EXPECT_FALSE(shows("items.**.status", {"items", "index", "_id"}));
}

TEST(AnswerFilter, AMinusTakesAway) {
  EXPECT_FALSE(shows("-took", {"took"}));
  EXPECT_TRUE(shows("-took", {"errors"}));
  EXPECT_FALSE(shows("items,-**._shards", {"items", "index", "_shards", "total"}));
  EXPECT_TRUE(shows("items,-**._shards", {"items", "index", "_id"}));
}

}  // namespace
}  // namespace iot::api

#include "query/answer_filter.h"

#include <initializer_list>

#include <gtest/gtest.h>

namespace iot::query {
namespace {

bool shows(std::string_view patterns, std::initializer_list<std::string_view> path) {
  return AnswerFilter::parse(patterns)->shows(path);
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

TEST(AnswerFilter, ShowsTheMembersThatApplyingItLeaves) {
  constexpr std::string_view answer = R"({"took":1,"items":[{"index":{"_id":"a","error":{"type":"t"}}}]})";
  for (const char* patterns :
       {"took", "items.*._id", "**.type", "-took", "items,-**.error", "items.index.error.type.x"}) {
    const std::string left = AnswerFilter::parse(patterns)->apply(answer);
    EXPECT_EQ(shows(patterns, {"took"}), (left.find("took") != std::string::npos)) << patterns;
    EXPECT_EQ(shows(patterns, {"items", "index", "_id"}), (left.find("_id") != std::string::npos)) << patterns;
    EXPECT_EQ(shows(patterns, {"items", "index", "error", "type"}), (left.find("type") != std::string::npos))
        << patterns;
  }
}

}  // namespace
}  // namespace iot::query

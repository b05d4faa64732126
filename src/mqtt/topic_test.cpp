#include "mqtt/topic.h"

#include <gtest/gtest.h>

namespace iot::mqtt {
namespace {

using Fault = TopicFault;

std::string levels(std::size_t count, std::string_view level = "a") {
  std::string topic(level);
  for (std::size_t index = 1; index < count; ++index) topic.append("/").append(level);
  return topic;
}

TEST(TopicName, IsTextWithoutWildcards) {
  for (const std::string_view good : {"a", "/", "//", "a/b", "/a/", "$SYS/x", "$share/g/a", "a b", "\xC3\xA9", "$"}) {
    EXPECT_FALSE(check_topic_name(good)) << good;
  }
  EXPECT_EQ(check_topic_name(""), Fault::empty);
  EXPECT_EQ(check_topic_name("a/+"), Fault::wildcard_in_name);
  EXPECT_EQ(check_topic_name("a#"), Fault::wildcard_in_name);
  EXPECT_EQ(check_topic_name("a\nb"), Fault::not_text);
  EXPECT_EQ(check_topic_name(std::string_view("a\0", 2)), Fault::not_text);
  EXPECT_EQ(check_topic_name("+\xFF"), Fault::not_text);
}

TEST(TopicName, MayBe65535BytesAnd200LevelsLong) {
  EXPECT_FALSE(check_topic_name(std::string(65'535, 'a')));
  EXPECT_EQ(check_topic_name(std::string(65'536, 'a')), Fault::too_long);
  EXPECT_FALSE(check_topic_name(levels(199)));
  EXPECT_FALSE(check_topic_name(levels(200)));
  EXPECT_EQ(check_topic_name(levels(201)), Fault::too_many_levels);
  EXPECT_FALSE(check_topic_name(levels(200, "")));
  EXPECT_EQ(check_topic_name(std::string(200, '/')), Fault::too_many_levels);
}

TEST(TopicFilter, HasWildcardsAsLevelsOfTheirOwn) {
  for (const std::string_view good :
       {"a", "#", "+", "/", "a/#", "+/+", "+/a/#", "/+", "/#", "$SYS/#", "$share", "a/+/b"}) {
    EXPECT_FALSE(check_topic_filter(good)) << good;
  }
  for (const std::string_view bad : {"a#", "#/a", "a/#/b", "a+", "+a", "a/b+/c", "##", "++", "#/", "a/#/"}) {
    EXPECT_EQ(check_topic_filter(bad), Fault::misplaced_wildcard) << bad;
  }
  EXPECT_EQ(check_topic_filter(""), Fault::empty);
  EXPECT_EQ(check_topic_filter("a\x7F"), Fault::not_text);
  EXPECT_EQ(check_topic_filter(std::string(65'536, 'a')), Fault::too_long);
  EXPECT_FALSE(check_topic_filter(levels(199) + "/#"));
  EXPECT_EQ(check_topic_filter(levels(200) + "/#"), Fault::too_many_levels);
}

TEST(TopicFilter, SharesWithAGroupAndAFilter) {
  for (const std::string_view good : {"$share/g/a", "$share/g//", "$share/g/#", "$share/g/+/a", "$share/g g/$SYS/a"}) {
    EXPECT_FALSE(check_topic_filter(good)) << good;
  }
  for (const std::string_view bad : {"$share/", "$share/g", "$share/g/", "$share//a", "$share/+/a", "$share/g#/a"}) {
    EXPECT_EQ(check_topic_filter(bad), Fault::share_form) << bad;
  }
  EXPECT_EQ(check_topic_filter("$share/g/a#"), Fault::misplaced_wildcard);
  // The levels of the filter itself count.
  EXPECT_FALSE(check_topic_filter("$share/g/" + levels(200)));
  EXPECT_EQ(check_topic_filter("$share/g/" + levels(201)), Fault::too_many_levels);

  EXPECT_EQ(split_filter("$share/g/a/b").group, "g");
  EXPECT_EQ(split_filter("$share/g/a/b").filter, "a/b");
  EXPECT_TRUE(split_filter("$share/g/a").is_shared());
  EXPECT_FALSE(split_filter("$shared/g/a").is_shared());
  EXPECT_EQ(split_filter("a/b").filter, "a/b");
}

struct Pair {
  std::string_view filter;
  std::string_view name;
  bool matches;
};

TEST(TopicMatches, AsTheStandardsExamplesSay) {
  const Pair pairs[] = {
      {"sport/tennis/player1/#", "sport/tennis/player1", true},
      {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
      {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
      {"sport/tennis/player1/#", "sport/tennis/player2", false},
      {"sport/#", "sport", true},
      {"sport/#", "sports", false},
      {"#", "a/b/c", true},
      {"#", "/", true},
      {"sport/tennis/+", "sport/tennis/player1", true},
      {"sport/tennis/+", "sport/tennis/player1/ranking", false},
      {"sport/+", "sport", false},
      {"sport/+", "sport/", true},
      {"+/+", "/finance", true},
      {"/+", "/finance", true},
      {"+", "/finance", false},
      {"+/tennis/#", "sport/tennis", true},
      {"sport/+/player1", "sport/tennis/player1", true},
      {"#", "$SYS/a", false},
      {"+/a", "$SYS/a", false},
      {"+/#", "$SYS/a", false},
      {"$SYS/#", "$SYS/a", true},
      {"$SYS/+", "$SYS/a", true},
      {"a/#", "a/$SYS", true},
      {"a/+", "a/$SYS", true},
      {"ACCOUNTS", "Accounts", false},
      {"a", "a/", false},
      {"a/", "a", false},
      {"a/b", "a", false},
      {"a//#", "a/", true},
      {"a//#", "a", false},
  };
  for (const Pair& pair : pairs) {
    EXPECT_EQ(topic_matches(pair.filter, pair.name), pair.matches) << pair.filter << " " << pair.name;
  }
}

TEST(Levels, AreTakenOneByOne) {
  const auto taken = [](std::string_view topic) {
    std::vector<std::string> all;
    for (Levels levels(topic); !levels.done();) all.emplace_back(levels.next());
    return all;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(taken("a/bc/d"), (Texts{"a", "bc", "d"}));
  EXPECT_EQ(taken("/"), (Texts{"", ""}));
  EXPECT_EQ(taken(""), (Texts{""}));
  EXPECT_EQ(count_levels("a/bc/d"), 3u);
  EXPECT_EQ(count_levels(""), 1u);
}

}  // namespace
}  // namespace iot::mqtt

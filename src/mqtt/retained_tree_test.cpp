#include "mqtt/retained_tree.h"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "mqtt/testing/packet_generator.h"

namespace iot::mqtt {
namespace {

using End = RetainedTree::End;
constexpr RetainedTree::Limits no_limits{1'000'000, 1'000'000};

std::vector<std::uint32_t> matches(const RetainedTree& tree, std::string_view filter,
                                   RetainedTree::Limits limits = no_limits, End* end = nullptr) {
  std::vector<std::uint32_t> found;
  const End how = tree.match(filter, limits, [&](std::uint32_t value) { found.push_back(value); });
  if (end != nullptr) *end = how;
  std::sort(found.begin(), found.end());
  return found;
}

TEST(RetainedTree, KeepsOneValueForEachName) {
  RetainedTree tree;
  EXPECT_FALSE(tree.set("a/b", 0));
  EXPECT_EQ(tree.find("a/b"), 0u);
  EXPECT_FALSE(tree.find("a")) << "leads to a name, and is none";
  EXPECT_EQ(tree.set("a/b", 0xFFFF'FFFF), 0u);
  EXPECT_EQ(tree.size(), 1u);
  EXPECT_FALSE(tree.erase("a"));
  EXPECT_EQ(tree.erase("a/b"), 0xFFFF'FFFFu);
  EXPECT_FALSE(tree.erase("a/b"));
  EXPECT_EQ(tree.size(), 0u);
  EXPECT_TRUE(matches(tree, "#").empty());
}

TEST(RetainedTree, WildcardsOfTheFirstLevelPassOverNamesWithADollar) {
  RetainedTree tree;
  tree.set("$SYS/a", 1);
  tree.set("$SYS", 2);
  tree.set("x/$SYS", 3);
  using Values = std::vector<std::uint32_t>;
  EXPECT_EQ(matches(tree, "#"), (Values{3}));
  EXPECT_EQ(matches(tree, "+/a"), (Values{}));
  EXPECT_EQ(matches(tree, "+"), (Values{}));
  EXPECT_EQ(matches(tree, "$SYS/#"), (Values{1, 2}));
  EXPECT_EQ(matches(tree, "$SYS/+"), (Values{1}));
  EXPECT_EQ(matches(tree, "x/+"), (Values{3}));
}

TEST(RetainedTree, StopsAtItsLimitsAndSaysSo) {
  RetainedTree tree;
  for (std::uint32_t index = 0; index < 100; ++index) tree.set("a/" + std::to_string(index), index);
  End end{};
  EXPECT_EQ(matches(tree, "a/+", {99, 10'000}, &end).size(), 99u);
  EXPECT_EQ(end, End::matches_reached);
  EXPECT_EQ(matches(tree, "a/+", {100, 10'000}, &end).size(), 100u);
  EXPECT_EQ(end, End::complete);
  EXPECT_EQ(matches(tree, "a/#", {101, 10'000}, &end).size(), 100u);
  EXPECT_EQ(end, End::complete);
  EXPECT_EQ(matches(tree, "+/+/x", {10, 50}, &end).size(), 0u);
  EXPECT_EQ(end, End::steps_reached);
  EXPECT_EQ(matches(tree, "#", {1000, 50}, &end).size(), 48u) << "the root and `a` are steps too";
  EXPECT_EQ(end, End::steps_reached);
  EXPECT_EQ(matches(tree, "#", {0, 50}, &end).size(), 0u);
  EXPECT_EQ(end, End::matches_reached);
}

TEST(RetainedTree, BehavesLikeAMapThatIsSearchedThrough) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  testing::PacketGenerator generator(seed);
  RetainedTree tree(seed);
  std::map<std::string, std::uint32_t, std::less<>> model;
  for (std::uint32_t step = 0; step < 5000; ++step) {
    const std::string name(generator.topic_name());
    const auto known = model.find(name);
    std::optional<std::uint32_t> before;
    if (known != model.end()) before = known->second;
    if (generator.below(3) == 0) {
      ASSERT_EQ(tree.erase(name), before);
      model.erase(name);
    } else {
      ASSERT_EQ(tree.set(name, step), before);
      model[name] = step;
    }
    ASSERT_EQ(tree.size(), model.size());
    if (step % 3 != 0) continue;
    const std::string filter(generator.topic_filter(false));
    std::vector<std::uint32_t> wanted;
    for (const auto& [other, value] : model) {
      if (topic_matches(filter, other)) wanted.push_back(value);
    }
    std::sort(wanted.begin(), wanted.end());
    ASSERT_EQ(matches(tree, filter), wanted) << filter;
  }
}

TEST(RetainedTree, GivesItsMemoryToTheNextOnes) {
  RetainedTree tree;
  const auto fill_and_clear = [&](int from) {
    for (int index = from; index < from + 1000; ++index) tree.set("a/" + std::to_string(index), 1);
    for (int index = from; index < from + 1000; ++index) tree.erase("a/" + std::to_string(index));
  };
  fill_and_clear(0);
  const std::size_t bytes = tree.memory_bytes();
  for (int round = 1; round < 20; ++round) fill_and_clear(round * 1000);
  EXPECT_EQ(tree.memory_bytes(), bytes);
}

}  // namespace
}  // namespace iot::mqtt

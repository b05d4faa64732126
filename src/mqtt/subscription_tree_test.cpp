#include "mqtt/subscription_tree.h"

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "mqtt/testing/packet_generator.h"

namespace iot::mqtt {
namespace {

using Added = SubscriptionTree::Added;

/// What a match() visits, in words: "3" for subscriber 3, "3*7" with subscription identifier 7, "g:1,2" for a group.
class Visited {
 public:
  void subscription(Subscriber subscriber, const Interest& interest) { all.push_back(word(subscriber, interest)); }

  void group(const SubscriptionTree::Group& group) {
    std::vector<std::string> members;
    for (std::size_t index = 0; index < group.size(); ++index) {
      members.push_back(word(group.subscriber(index), group.interest(index)));
    }
    std::sort(members.begin(), members.end());
    std::string text = std::string(group.name()) + ":";
    for (const std::string& member : members) text += member + ",";
    all.push_back(text);
  }

  static std::string word(Subscriber subscriber, const Interest& interest) {
    std::string text =
        std::to_string(static_cast<std::uint32_t>(subscriber)) + "q" + std::to_string(to_byte(interest.options));
    if (interest.identifier != 0) text += "*" + std::to_string(interest.identifier);
    return text;
  }

  std::vector<std::string> all;
};

using Words = std::vector<std::string>;

Words match(const SubscriptionTree& tree, std::string_view name) {
  Visited visited;
  tree.match(name, visited);
  std::sort(visited.all.begin(), visited.all.end());
  return visited.all;
}

Interest with_qos(unsigned qos, std::uint32_t identifier = 0) {
  return {{.qos = static_cast<Qos>(qos)}, identifier};
}

constexpr Subscriber one{1};
constexpr Subscriber two{2};

TEST(SubscriptionTree, VisitsEachMatchingSubscription) {
  SubscriptionTree tree;
  tree.add(one, "a/b", with_qos(0));
  tree.add(one, "a/#", with_qos(1, 5));
  tree.add(two, "+/b", with_qos(2));
  tree.add(two, "c", with_qos(2));
  EXPECT_EQ(match(tree, "a/b"), (Words{"1q0", "1q1*5", "2q2"}));
  EXPECT_EQ(match(tree, "a"), (Words{"1q1*5"}));
  EXPECT_EQ(match(tree, "x/y"), (Words{}));
  EXPECT_EQ(tree.size(), 4u);
}

TEST(SubscriptionTree, SaysWhetherASubscriptionWasThere) {
  SubscriptionTree tree;
  EXPECT_EQ(tree.add(one, "a/#", with_qos(0)), Added::as_new);
  EXPECT_EQ(tree.add(one, "a/#", with_qos(2, 9)), Added::replaced);
  EXPECT_EQ(tree.add(one, "a", with_qos(0)), Added::as_new) << "the same node, another filter";
  EXPECT_EQ(tree.add(one, "$share/g/a", with_qos(0)), Added::as_new);
  EXPECT_EQ(tree.add(one, "$share/h/a", with_qos(0)), Added::as_new);
  EXPECT_EQ(tree.add(one, "$share/g/a", with_qos(1)), Added::replaced);
  EXPECT_EQ(tree.find(one, "a/#"), with_qos(2, 9));
  EXPECT_EQ(tree.find(one, "$share/g/a"), with_qos(1));
  EXPECT_FALSE(tree.find(two, "a/#"));
  EXPECT_FALSE(tree.find(one, "a/b"));
  EXPECT_FALSE(tree.find(one, "$share/x/a"));
  EXPECT_EQ(tree.size(), 4u);

  EXPECT_FALSE(tree.remove(two, "a"));
  EXPECT_FALSE(tree.remove(one, "b"));
  EXPECT_FALSE(tree.remove(one, "$share/x/a"));
  EXPECT_TRUE(tree.remove(one, "a"));
  EXPECT_FALSE(tree.remove(one, "a"));
  EXPECT_EQ(tree.remove_all(one), 3u);
  EXPECT_EQ(tree.remove_all(one), 0u);
  EXPECT_EQ(tree.remove_all(Subscriber{1'000'000}), 0u);
  EXPECT_EQ(match(tree, "a"), (Words{}));
}

TEST(SubscriptionTree, KeepsAllOptions) {
  SubscriptionTree tree;
  const Interest interest{{.qos = Qos::exactly_once,
                           .no_local = true,
                           .retain_as_published = true,
                           .retain_handling = RetainHandling::do_not_send},
                          remaining_length_max,
                          std::uint64_t{1} << 40};
  tree.add(one, "a", interest);
  EXPECT_EQ(tree.find(one, "a"), interest);
  tree.add(one, "a", with_qos(1));
  EXPECT_EQ(tree.find(one, "a"), with_qos(1));
}

TEST(SubscriptionTree, WildcardsOfTheFirstLevelPassOverNamesWithADollar) {
  SubscriptionTree tree;
  tree.add(one, "#", with_qos(0));
  tree.add(one, "+/a", with_qos(0));
  tree.add(one, "+/#", with_qos(0));
  tree.add(two, "$SYS/#", with_qos(0));
  tree.add(two, "$SYS/+", with_qos(1));
  EXPECT_EQ(match(tree, "$SYS/a"), (Words{"2q0", "2q1"}));
  EXPECT_EQ(match(tree, "$SYS"), (Words{"2q0"}));
  EXPECT_EQ(match(tree, "b/a").size(), 3u);
}

TEST(SubscriptionTree, VisitsASharedSubscriptionOnceWithAllItsMembers) {
  SubscriptionTree tree;
  tree.add(one, "$share/g/a/+", with_qos(0));
  tree.add(two, "$share/g/a/+", with_qos(1));
  tree.add(two, "$share/h/a/#", with_qos(2));
  tree.add(two, "a/b", with_qos(0));
  EXPECT_EQ(match(tree, "a/b"), (Words{"2q0", "g:1q0,2q1,", "h:2q2,"}));
  EXPECT_TRUE(tree.remove(one, "$share/g/a/+"));
  EXPECT_EQ(match(tree, "a/b"), (Words{"2q0", "g:2q1,", "h:2q2,"}));
  EXPECT_TRUE(tree.remove(two, "$share/g/a/+"));
  EXPECT_EQ(match(tree, "a/b"), (Words{"2q0", "h:2q2,"}));
}

TEST(SubscriptionTree, TurnsGoRoundAGroup) {
  SubscriptionTree tree;
  for (std::uint32_t index = 0; index < 3; ++index) tree.add(Subscriber{index}, "$share/g/a", with_qos(0));
  struct Turns {
    void subscription(Subscriber, const Interest&) { FAIL(); }
    void group(const SubscriptionTree::Group& group) { turns.push_back(group.take_turn()); }
    std::vector<std::size_t> turns;
  } turns;
  for (int message = 0; message < 5; ++message) tree.match("a", turns);
  EXPECT_EQ(turns.turns, (std::vector<std::size_t>{0, 1, 2, 0, 1}));
}

TEST(SubscriptionTree, TellsASubscribersFilters) {
  SubscriptionTree tree;
  const std::vector<std::string> filters{"#",         "+", "/", "/#", "a//b", "a/b/#", "$share/g/#", "$share/g/a/+",
                                         "$share/h/a"};
  for (const std::string& filter : filters) tree.add(one, filter, with_qos(1));
  tree.add(two, "other", with_qos(0));
  std::vector<std::string> told;
  tree.each(one, [&](const std::string& filter, const Interest& interest) {
    told.push_back(filter);
    EXPECT_EQ(interest, with_qos(1));
  });
  std::sort(told.begin(), told.end());
  std::vector<std::string> wanted = filters;
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(told, wanted);
  tree.each(Subscriber{77}, [](const std::string&, const Interest&) { FAIL(); });
}

TEST(SubscriptionTree, NamesThatAreTooDeepMatchNoFurtherThanFiltersGo) {
  SubscriptionTree tree;
  tree.add(one, "+/#", with_qos(0));
  std::string filter = "+";
  for (std::size_t level = 1; level < topic_levels_max; ++level) filter += "/+";
  tree.add(two, filter, with_qos(0));
  EXPECT_EQ(match(tree, std::string(topic_levels_max * 2, '/')), (Words{"1q0"}));
}

TEST(SubscriptionTree, IsMatchedOnSeveralThreadsTogether) {
  SubscriptionTree tree;
  for (std::uint32_t index = 0; index < 4; ++index) tree.add(Subscriber{index}, "$share/g/a/+", with_qos(0));
  struct Turns {
    void subscription(Subscriber, const Interest&) {}
    void group(const SubscriptionTree::Group& group) { ++taken[group.take_turn()]; }
    std::array<int, 4> taken{};
  };
  std::array<Turns, 3> turns;
  std::vector<std::thread> threads;
  for (Turns& mine : turns) {
    threads.emplace_back([&tree, &mine] {
      for (int message = 0; message < 4000; ++message) tree.match("a/b", mine);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t index = 0; index < 4; ++index) {
    EXPECT_EQ(turns[0].taken[index] + turns[1].taken[index] + turns[2].taken[index], 3000) << "each its share";
  }
}

/// Everything in a list, and searched through.
class Model {
 public:
  using Key = std::pair<std::uint32_t, std::string>;

  Words match(std::string_view name) const {
    Words words;
    std::map<std::pair<std::string, std::string>, Words> groups;
    for (const auto& [key, interest] : all) {
      const FilterParts parts = split_filter(key.second);
      if (!topic_matches(parts.filter, name)) continue;
      const std::string word = Visited::word(Subscriber{key.first}, interest);
      if (parts.is_shared()) {
        groups[{std::string(parts.group), std::string(parts.filter)}].push_back(word);
      } else {
        words.push_back(word);
      }
    }
    for (auto& [name_and_filter, members] : groups) {
      std::sort(members.begin(), members.end());
      std::string text = name_and_filter.first + ":";
      for (const std::string& member : members) text += member + ",";
      words.push_back(text);
    }
    std::sort(words.begin(), words.end());
    return words;
  }

  std::map<Key, Interest> all;
};

TEST(SubscriptionTree, BehavesLikeAListThatIsSearchedThrough) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  testing::PacketGenerator generator(seed);
  SubscriptionTree tree(seed);
  Model model;
  for (int step = 0; step < 20'000; ++step) {
    const auto subscriber = static_cast<std::uint32_t>(generator.below(20));
    const std::string filter(generator.topic_filter(true));
    const std::size_t choice = generator.below(100);
    if (choice < 50) {
      const Interest interest =
          with_qos(static_cast<unsigned>(generator.below(3)), static_cast<std::uint32_t>(generator.below(3)));
      const bool is_new = model.all.insert_or_assign({subscriber, filter}, interest).second;
      ASSERT_EQ(tree.add(Subscriber{subscriber}, filter, interest), is_new ? Added::as_new : Added::replaced);
    } else if (choice < 98) {
      ASSERT_EQ(tree.remove(Subscriber{subscriber}, filter), model.all.erase({subscriber, filter}) == 1);
    } else {
      ASSERT_EQ(tree.remove_all(Subscriber{subscriber}),
                std::erase_if(model.all, [&](const auto& entry) { return entry.first.first == subscriber; }));
    }
    ASSERT_EQ(tree.size(), model.all.size());
    if (step % 4 != 0) continue;
    const std::string name(generator.topic_name());
    ASSERT_EQ(match(tree, name), model.match(name)) << name;
  }
  for (std::uint32_t subscriber = 0; subscriber < 20; ++subscriber) tree.remove_all(Subscriber{subscriber});
  EXPECT_EQ(tree.size(), 0u);
}

TEST(SubscriptionTree, TakesAHundredThousandSubscribersInFewBytesAndGivesThemBack) {
  SubscriptionTree tree;
  constexpr std::uint32_t count = 100'000;
  const auto add_all = [&] {
    for (std::uint32_t index = 0; index < count; ++index) {
      tree.add(Subscriber{index}, std::to_string(index) + "/commands/#", with_qos(1));
    }
  };
  add_all();
  EXPECT_EQ(match(tree, "4711/commands/1"), (Words{"4711q1"}));
  const std::size_t bytes = tree.memory_bytes();
  EXPECT_LT(bytes, count * 300u);
  for (std::uint32_t index = 0; index < count; ++index) ASSERT_EQ(tree.remove_all(Subscriber{index}), 1u);
  add_all();
  EXPECT_LE(tree.memory_bytes(), bytes * 5 / 4) << "what was freed is used again";
}

TEST(SubscriptionTree, ManySubscribersOfOneFilterLeaveWithoutWalkingOverEachOther) {
  // With a walk it would be 10^10 steps, which no test waits for.
  SubscriptionTree tree;
  constexpr std::uint32_t count = 200'000;
  for (std::uint32_t index = 0; index < count; ++index) tree.add(Subscriber{index}, "all/#", with_qos(1));
  for (std::uint32_t index = 0; index < count; ++index) tree.add(Subscriber{index}, "$share/g/all", with_qos(1));
  for (std::uint32_t index = 0; index < count; ++index) ASSERT_TRUE(tree.remove(Subscriber{index}, "all/#"));
  for (std::uint32_t index = 0; index < count; ++index) ASSERT_EQ(tree.remove_all(Subscriber{index}), 1u);
  EXPECT_EQ(tree.size(), 0u);
}

TEST(SubscriptionTree, GoesTheDeepestWayThereIs) {
  SubscriptionTree tree;
  std::string name = "a";
  std::string filter = "+";
  for (std::size_t level = 1; level < topic_levels_max; ++level) {
    name += "/a";
    filter += "/+";
  }
  tree.add(one, filter, with_qos(0));
  tree.add(one, name, with_qos(1));
  tree.add(one, name.substr(0, name.size() - 2) + "/#", with_qos(2));
  EXPECT_EQ(match(tree, name), (Words{"1q0", "1q1", "1q2"}));
}

}  // namespace
}  // namespace iot::mqtt

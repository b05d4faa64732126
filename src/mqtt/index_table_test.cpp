#include "mqtt/index_table.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace iot::mqtt {
namespace {

TEST(IndexTable, BehavesLikeASetAlsoWhenHashesCollide) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  // Few different hashes, and those at both ends of the table, so that searches wrap around.
  const auto hash_of = [](std::uint32_t id) { return id % 3 == 0 ? 0xFFFF'FFFFu : id % 17; };
  IndexTable table;
  std::set<std::uint32_t> model;
  for (int step = 0; step < 50'000; ++step) {
    const std::uint32_t id = 1 + random() % 200;
    const bool is_there = table.find(hash_of(id), [&](std::uint32_t other) { return other == id; }) == id;
    ASSERT_EQ(is_there, model.contains(id));
    if (is_there) {
      table.erase(hash_of(id), id);
      model.erase(id);
    } else if (random() % 2 == 0) {
      table.insert(hash_of(id), id);
      model.insert(id);
    }
    ASSERT_EQ(table.size(), model.size());
  }
  for (const std::uint32_t id : model) {
    EXPECT_EQ(table.find(hash_of(id), [&](std::uint32_t other) { return other == id; }), id);
  }
}

TEST(IndexTable, FindsNothingWhenEmpty) {
  const IndexTable table;
  EXPECT_EQ(table.find(7, [](std::uint32_t) { return true; }), 0u);
}

}  // namespace
}  // namespace iot::mqtt

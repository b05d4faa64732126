#include "base/persistent_map.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "base/ids.h"

namespace iot {
namespace {

using Map = PersistentMap<SensorId, int>;

std::map<std::int64_t, int> contents(const Map& map) {
  std::map<std::int64_t, int> all;
  map.for_each([&](SensorId id, int value) { all[id.value] = value; });
  return all;
}

TEST(PersistentMap, BehavesLikeAMap) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  Map map;
  std::map<std::int64_t, int> model;
  for (int step = 0; step < 20'000; ++step) {
    const auto key = static_cast<std::int64_t>(random() % 3000) - 5 + (random() % 50 == 0 ? std::int64_t{1} << 60 : 0);
    if (random() % 3 == 0) {
      EXPECT_EQ(map.erase(SensorId{key}), model.erase(key) == 1);
    } else {
      map.set(SensorId{key}, step);
      model[key] = step;
    }
    ASSERT_EQ(map.size(), model.size());
    const auto* found = map.find(SensorId{key});
    ASSERT_EQ(found != nullptr, model.contains(key));
  }
  EXPECT_EQ(contents(map), model);
}

TEST(PersistentMap, ACopyStaysAsItWas) {
  Map map;
  for (int i = 0; i < 1000; ++i) map.set(SensorId{i}, i);
  const Map before = map;
  for (int i = 0; i < 1000; i += 2) map.erase(SensorId{i});
  for (int i = 1; i < 1000; i += 2) map.set(SensorId{i}, -i);
  EXPECT_EQ(before.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(*before.find(SensorId{i}), i);
  EXPECT_EQ(map.size(), 500u);
  EXPECT_EQ(*map.find(SensorId{7}), -7);
}

}  // namespace
}  // namespace iot

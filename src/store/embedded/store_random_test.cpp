// The store against the simplest model of it, with random operations.
#include <algorithm>
#include <deque>

#include <gtest/gtest.h>

#include "store/embedded/store_world.h"

namespace iot::store {
namespace {

struct HeldCursor {
  std::unique_ptr<Cursor> cursor;
  Direction direction;
  Readings expected;
};

class RandomOperations {
 public:
  explicit RandomOperations(std::uint32_t seed) : random_(seed), world_(options()) {}

  void run(int steps) {
    for (int step = 0; step < steps; ++step) {
      one_step();
      if (::testing::Test::HasFailure()) {
        ADD_FAILURE() << "at step " << step;
        return;
      }
    }
    while (!held_.empty()) finish_one();
    world_.check_all();
    ASSERT_TRUE(world_.store().compact());
    world_.check_all();
  }

 private:
  EmbeddedStoreOptions options() {
    EmbeddedStoreOptions options;
    options.memory_bytes_max = 16u << 20;
    options.readings_per_chunk = 64;
    options.readings_per_merged_chunk = 64u << up_to(4);
    options.maintenance_interval = std::chrono::milliseconds(up_to(2) == 0 ? 1 : 0);
    options.unapplied_bytes_max = up_to(2) == 0 ? 20'000 : 100u << 20;
    return options;
  }

  std::uint32_t up_to(std::uint32_t bound) { return static_cast<std::uint32_t>(random_()) % bound; }
  SensorId some_sensor() { return {1 + up_to(9)}; }

  TimeRange some_range() {
    if (up_to(4) == 0) return {};
    const std::int64_t a = up_to(12'000) * 1000;
    const std::int64_t b = up_to(12'000) * 1000;
    return {{std::min(a, b)}, {std::max(a, b)}};
  }

  void write() {
    const std::uint32_t readings = up_to(8) == 0 ? 1 + up_to(400) : 1 + up_to(5);
    const std::uint32_t shape = up_to(3);
    const SensorId only = some_sensor();
    for (std::uint32_t i = 0; i < readings; ++i) {
      const SensorId sensor = up_to(2) == 0 ? only : some_sensor();
      // In order, a little late, or anywhere.
      std::int64_t time = now_++;
      if (shape == 1) time -= up_to(50);
      if (shape == 2) time = up_to(12'000);
      world_.add(sensor, std::max<std::int64_t>(time, 0) * 1000, up_to(4));
    }
    world_.commit();
  }

  void hold_cursor() {
    const SensorId sensor = some_sensor();
    const TimeRange range = some_range();
    const Direction direction = up_to(2) == 0 ? Direction::ascending : Direction::descending;
    auto cursor = world_.store().scan(sensor, range, direction);
    ASSERT_TRUE(cursor);
    held_.push_back({std::move(*cursor), direction, world_.expected(sensor, range)});
    if (held_.size() > 5) finish_one();
  }

  void finish_one() {
    HeldCursor held = std::move(held_.front());
    held_.pop_front();
    ASSERT_TRUE(read_all(*held.cursor, held.direction) == held.expected) << "a cursor that was held";
  }

  void one_step() {
    const std::uint32_t what = up_to(100);
    if (what < 70) {
      write();
    } else if (what < 82) {
      world_.check(some_sensor(), some_range(), up_to(2) == 0 ? Direction::ascending : Direction::descending);
    } else if (what < 90) {
      hold_cursor();
    } else if (what < 94) {
      ASSERT_TRUE(world_.store().flush());
    } else if (what < 97) {
      ASSERT_TRUE(world_.store().maintain());
    } else if (what == 97) {
      held_.clear();
      world_.reopen();
    } else if (what == 98) {
      const SensorId sensor = some_sensor();
      ASSERT_TRUE(world_.store().remove(sensor));
      world_.model(sensor).clear();
    } else if (up_to(4) == 0) {
      ASSERT_TRUE(world_.store().compact());
    }
  }

  std::mt19937 random_;
  StoreWorld world_;
  std::deque<HeldCursor> held_;
  std::int64_t now_ = 0;
};

TEST(StoreRandomTest, AgreesWithTheModelWhateverHappens) {
  const std::uint32_t first_seed = std::random_device{}();
  for (std::uint32_t seed = first_seed; seed != first_seed + 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomOperations(seed).run(1000);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace iot::store

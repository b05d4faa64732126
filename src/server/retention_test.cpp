#include "server/retention.h"

#include <gtest/gtest.h>

#include "server/settings.h"

namespace iot::server {
namespace {

using model::Retention;
using model::Rollups;
using std::chrono::seconds;

constexpr SensorId sensor{5};
constexpr Rollups of_server{seconds(100), seconds(200), seconds(300)};
constexpr Rollups of_device{seconds(0), seconds(0), model::forever};
constexpr Rollups of_sensor{seconds(7), seconds(0), seconds(0)};

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() { set({}, {}); }
  void set(registry::DeviceEntry device, registry::SensorEntry entry) {
    entry.device = {3};
    snapshot_.devices.set({3}, std::move(device));
    snapshot_.sensors.set(sensor, entry);
  }
  Retention kept() const { return retention_of(snapshot_, sensor, {seconds(10), of_server}); }

  registry::Snapshot snapshot_;
};

TEST_F(RetentionTest, IsTheSensorsThenTheDevicesThenTheServers) {
  EXPECT_EQ(kept(), (Retention{seconds(10), of_server}));
  set({.owner = {}, .retention = seconds(20), .rollups = of_device}, {});
  EXPECT_EQ(kept(), (Retention{seconds(20), of_device}));
  set({.owner = {}, .retention = seconds(20), .rollups = of_device},
      {.device = {}, .retention = seconds(5), .rollups = of_sensor});
  EXPECT_EQ(kept(), (Retention{seconds(5), of_sensor}));
}

TEST_F(RetentionTest, ReadingsAndRollupsAreAskedForApart) {
  set({.owner = {}, .retention = {}, .rollups = of_device}, {.device = {}, .retention = seconds(5)});
  EXPECT_EQ(kept(), (Retention{seconds(5), of_device}));
  set({.owner = {}, .retention = seconds(20)}, {.device = {}, .retention = {}, .rollups = Rollups{}});
  EXPECT_EQ(kept(), (Retention{seconds(20), Rollups{}})) << "none, whatever the server says";
}

TEST_F(RetentionTest, TextsHaveNoRollups) {
  for (std::size_t i = 0; i < model::mapping_type_count; ++i) {
    const auto mapping = static_cast<model::MappingType>(i);
    set({.owner = {}, .retention = {}, .rollups = of_device}, {.device = {}, .mapping = mapping, .retention = {}});
    const bool is_text = model::column_kind(mapping) == model::ColumnKind::text;
    EXPECT_EQ(kept().rollups, is_text ? Rollups{} : of_device) << to_string(mapping);
  }
}

TEST_F(RetentionTest, ASensorThatIsNotKnownKeepsWhatTheServerSays) {
  EXPECT_EQ(retention_of(snapshot_, {99}, {seconds(10), of_server}), (Retention{seconds(10), of_server}));
}

TEST_F(RetentionTest, ASettingOfZeroIsForEver) {
  Settings settings;
  EXPECT_EQ(default_retention(settings), Retention{});
  settings.store_retention_s = seconds(4);
  settings.store_rollup_hours_s = seconds(6);
  EXPECT_EQ(default_retention(settings), (Retention{seconds(4), {seconds(0), seconds(6), seconds(0)}}));
}

}  // namespace
}  // namespace iot::server

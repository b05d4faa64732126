#include <gmock/gmock.h>

#include "registry/device_records.h"
#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DevicePresence : public OpenRegistryTest {
 protected:
  void store(std::vector<StoredPresence> presences, std::vector<DeviceEvent> events = {}) {
    ASSERT_TRUE(wait_for<void>([&](auto done) {
      registry_->device_records().store_presence(std::move(presences), std::move(events), std::move(done));
    }));
  }
  std::vector<StoredPresence> presences() { return registry_->device_records().presences().value(); }
  std::vector<std::int64_t> times(DeviceId device, Page page = {}) {
    std::vector<std::int64_t> found;
    const auto events = registry_->device_records().events(device, page).value();
    for (const auto& event : events) found.push_back(event.time.ns);
    return found;
  }
};

TEST_F(DevicePresence, IsAsItWasStoredLastAlsoAfterARestart) {
  const auto device = client_->device();
  const auto other = client_->device();
  store({{device, {10}, 1, "192.0.2.1", "", {}, {}, {}}, {other, {}, 0, "", "", {}, {7}, {9}}});
  const StoredPresence newest{device, {20}, 2, "192.0.2.2", "it broke", {19}, {3}, {21}};
  store({newest});
  open();
  EXPECT_THAT(presences(), ElementsAre(newest, StoredPresence{other, {}, 0, "", "", {}, {7}, {9}}));
}

TEST_F(DevicePresence, GoesWithItsDeviceAndIsNotBroughtBackByALateWrite) {
  const auto device = client_->device();
  store({{.device = device, .last_seen = {10}}}, {{0, device, DeviceEventKind::silent, {1}, {}}});
  ASSERT_TRUE(client_->delete_device(device));
  EXPECT_THAT(presences(), IsEmpty());
  store({{.device = device, .last_seen = {11}}}, {{0, device, DeviceEventKind::back, {2}, {}}});
  EXPECT_THAT(presences(), IsEmpty());
}

TEST_F(DevicePresence, HasEventsInPagesTheNewestFirst) {
  const auto device = client_->device();
  const auto other = client_->device();
  store({}, {{0, device, DeviceEventKind::silent, {1}, {5}},
             {0, other, DeviceEventKind::silent, {2}, {}},
             {0, device, DeviceEventKind::back, {3}, {6}}});
  const auto events = registry_->device_records().events(device, {}).value();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, DeviceEventKind::back);
  EXPECT_EQ(events[0].last_seen, Timestamp{6});
  EXPECT_EQ(events[1].kind, DeviceEventKind::silent);
  EXPECT_THAT(times(device, {.limit = 1, .after = {}, .name = {}}), ElementsAre(3));
  EXPECT_THAT(times(device, {.limit = 1, .after = events[0].id, .name = {}}), ElementsAre(1));
  EXPECT_ERRC(registry_->device_records().events({99}, {}), Errc::device_not_found);
}

TEST_F(DevicePresence, KeepsTheNewestEventsOfEachDevice) {
  options_.limits.events_per_device_max = 2;
  open();
  const auto device = client_->device();
  for (std::int64_t time = 1; time <= 4; ++time) store({}, {{0, device, DeviceEventKind::silent, {time}, {}}});
  EXPECT_THAT(times(device), ElementsAre(4, 3));
}

}  // namespace
}  // namespace iot::registry

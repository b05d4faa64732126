// Creating many sensors at once, and the limits on how many there may be.
#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

class RegistrySensors : public OpenRegistryTest {};

TEST_F(RegistrySensors, AnArrayIsMadeInOrderAndOfSeveralDevices) {
  const auto first = client_->device();
  const auto second = client_->device();
  std::vector<NewSensor> wanted;
  for (int i = 0; i < 10; ++i)
    wanted.push_back(RegistryClient::new_sensor(i % 3 ? first : second, "s" + std::to_string(i)));
  const auto made = client_->create_sensors(wanted).value();
  ASSERT_EQ(made.size(), wanted.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    EXPECT_EQ(made[i].name, wanted[i].name);
    EXPECT_EQ(made[i].device, wanted[i].device);
    EXPECT_EQ(registry_->sensor(made[i].id).value().name, wanted[i].name);
    EXPECT_EQ(made[i].id.value, made[0].id.value + static_cast<std::int64_t>(i));
  }
  EXPECT_EQ(registry_->snapshot()->devices.find(second)->sensors.size(), 4u);
}

TEST_F(RegistrySensors, AnArrayWithOneBadSensorMakesNone) {
  const auto device = client_->device();
  auto wanted = RegistryClient::new_sensors(device, 5);
  wanted[3].device = {99};
  const auto version = registry_->version();
  const auto refused = client_->create_sensors(wanted);
  EXPECT_ERRC(refused, Errc::device_not_found);
  EXPECT_EQ(refused.error().field, "[3].device");
  wanted[3] = RegistryClient::new_sensor(device, "");
  EXPECT_EQ(client_->create_sensors(wanted).error().field, "[3].name");
  EXPECT_EQ(registry_->version(), version);
  EXPECT_TRUE(registry_->sensors(device, {}).value().empty());
}

TEST_F(RegistrySensors, AnEmptyArrayMakesNothing) {
  EXPECT_TRUE(client_->create_sensors({}).value().empty());
}

TEST_F(RegistrySensors, ADeviceHasAtMostTheLimit) {
  options_.limits.sensors_per_device_max = 5;
  open();
  const auto device = client_->device();
  const auto other = client_->device();
  ASSERT_TRUE(client_->create_sensors(RegistryClient::new_sensors(device, 4)));
  EXPECT_ERRC(client_->create_sensors(RegistryClient::new_sensors(device, 2)), Errc::too_many);
  const auto fifth = client_->sensor(device);
  EXPECT_ERRC(client_->create_sensors({RegistryClient::new_sensor(device)}), Errc::too_many);
  EXPECT_TRUE(client_->create_sensors({RegistryClient::new_sensor(other)}));
  ASSERT_TRUE(client_->delete_sensor(fifth));
  EXPECT_TRUE(client_->create_sensors({RegistryClient::new_sensor(device)}));
}

TEST_F(RegistrySensors, AreListedForManyDevicesAtOnce) {
  const auto first = client_->device();
  const auto empty = client_->device();
  const auto second = client_->device();
  ASSERT_TRUE(client_->create_sensors(RegistryClient::new_sensors(first, 5)));
  ASSERT_TRUE(client_->create_sensors(RegistryClient::new_sensors(second, 2)));
  const auto listed = registry_->sensors_of({second, empty, first, {99}}, 3).value();
  ASSERT_EQ(listed.size(), 5u);
  EXPECT_EQ(listed[0].device, second);
  EXPECT_EQ(listed[2].device, first);
  EXPECT_EQ(listed[2].name, "sensor 0");
}

}  // namespace
}  // namespace iot::registry

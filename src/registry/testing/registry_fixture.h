// For tests: a registry in a directory of its own, and a small language for talking to it.
#pragma once

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/clock.h"
#include "registry/sql_registry.h"

namespace iot::registry {

/// Calls start(done) and waits for the outcome. A callback that does not come within a minute, or comes twice, ends the
/// test.
template <class T, class Start>
Result<T> wait_for(Start start) {
  auto promise = std::make_shared<std::promise<Result<T>>>();
  auto future = promise->get_future();
  start(Done<T>([promise](Result<T> outcome) { promise->set_value(std::move(outcome)); }));
  if (future.wait_for(std::chrono::minutes(1)) != std::future_status::ready) {
    throw std::runtime_error("a callback of the registry did not come within a minute");
  }
  return future.get();
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "registry test XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp " + name);
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// Writes that wait for their outcome.
class RegistryClient {
 public:
  explicit RegistryClient(Registry& registry, Actor actor = {root_user, "192.0.2.7"})
      : registry_(registry), actor_(std::move(actor)) {}

  Result<model::User> create_user(NewUser user) {
    return wait_for<model::User>([&](auto done) { registry_.create_user(actor_, std::move(user), done); });
  }
  Result<model::User> update_user(UserId id, UserPatch patch) {
    return wait_for<model::User>([&](auto done) { registry_.update_user(actor_, id, std::move(patch), done); });
  }
  Result<void> delete_user(UserId id) {
    return wait_for<void>([&](auto done) { registry_.delete_user(actor_, id, done); });
  }
  Result<model::Device> create_device(NewDevice device) {
    return wait_for<model::Device>([&](auto done) { registry_.create_device(actor_, std::move(device), done); });
  }
  Result<model::Device> update_device(DeviceId id, DevicePatch patch) {
    return wait_for<model::Device>([&](auto done) { registry_.update_device(actor_, id, std::move(patch), done); });
  }
  Result<void> delete_device(DeviceId id) {
    return wait_for<void>([&](auto done) { registry_.delete_device(actor_, id, done); });
  }
  Result<std::uint64_t> rotate_device_key(DeviceId id) {
    return wait_for<std::uint64_t>([&](auto done) { registry_.rotate_device_key(actor_, id, done); });
  }
  Result<model::Certificate> add_certificate(NewCertificate certificate) {
    return wait_for<model::Certificate>(
        [&](auto done) { registry_.add_certificate(actor_, std::move(certificate), done); });
  }
  Result<void> remove_certificate(DeviceId device, const Fingerprint& fingerprint) {
    return wait_for<void>([&](auto done) { registry_.remove_certificate(actor_, device, fingerprint, done); });
  }
  Result<std::vector<model::Sensor>> create_sensors(std::vector<NewSensor> sensors) {
    return wait_for<std::vector<model::Sensor>>(
        [&](auto done) { registry_.create_sensors(actor_, std::move(sensors), done); });
  }
  Result<model::Sensor> update_sensor(SensorId id, SensorPatch patch) {
    return wait_for<model::Sensor>([&](auto done) { registry_.update_sensor(actor_, id, std::move(patch), done); });
  }
  Result<void> delete_sensor(SensorId id) {
    return wait_for<void>([&](auto done) { registry_.delete_sensor(actor_, id, done); });
  }
  Result<model::Consumer> create_consumer(NewConsumer consumer) {
    return wait_for<model::Consumer>([&](auto done) { registry_.create_consumer(actor_, std::move(consumer), done); });
  }
  Result<model::Consumer> update_consumer(ConsumerId id, ConsumerPatch patch) {
    return wait_for<model::Consumer>([&](auto done) { registry_.update_consumer(actor_, id, std::move(patch), done); });
  }
  Result<void> delete_consumer(ConsumerId id) {
    return wait_for<void>([&](auto done) { registry_.delete_consumer(actor_, id, done); });
  }
  Result<std::uint64_t> rotate_consumer_key(ConsumerId id) {
    return wait_for<std::uint64_t>([&](auto done) { registry_.rotate_consumer_key(actor_, id, done); });
  }
  Result<void> grant(ConsumerId consumer, SensorId sensor) {
    return wait_for<void>([&](auto done) { registry_.grant(actor_, consumer, sensor, done); });
  }
  Result<void> revoke(ConsumerId consumer, SensorId sensor) {
    return wait_for<void>([&](auto done) { registry_.revoke(actor_, consumer, sensor, done); });
  }

  // Things that only have to be there.
  UserId user(const std::string& username) {
    return create_user({.name = username, .username = username, .password_hash = "hash"}).value().id;
  }
  DeviceId device(const std::string& name = "machine", UserId owner = root_user) {
    return create_device({.owner = owner, .name = name, .description = {}, .retention = {}}).value().id;
  }
  SensorId sensor(DeviceId device, const std::string& name = "temperature") {
    return create_sensors({new_sensor(device, name)}).value().front().id;
  }
  /// With a fingerprint of its own for each `number`; those of the same number modulo 100 begin with the same 64 bits.
  static Fingerprint fingerprint(unsigned number) {
    Fingerprint made;
    made.bytes[0] = static_cast<std::uint8_t>(number % 100);
    made.bytes[31] = static_cast<std::uint8_t>(number / 100);
    return made;
  }
  void certificate(DeviceId device, unsigned number) {
    ASSERT_TRUE(add_certificate({device, fingerprint(number), "certificate " + std::to_string(number)}));
  }
  ConsumerId consumer(const std::string& name = "dashboard", UserId owner = root_user) {
    return create_consumer({.owner = owner, .name = name, .description = {}}).value().id;
  }

  static NewSensor new_sensor(DeviceId device, const std::string& name = "temperature") {
    NewSensor sensor;
    sensor.device = device;
    sensor.name = name;
    return sensor;
  }
  static std::vector<NewSensor> new_sensors(DeviceId device, std::size_t count) {
    std::vector<NewSensor> sensors;
    for (std::size_t i = 0; i < count; ++i) sensors.push_back(new_sensor(device, "sensor " + std::to_string(i)));
    return sensors;
  }

 private:
  Registry& registry_;
  Actor actor_;
};

class RegistryTest : public testing::Test {
 protected:
  RegistryTest() { options_.database = directory_.path() / "registry.db"; }

  /// Opens with options_, after closing what is open.
  void open() {
    client_.reset();
    registry_.reset();
    auto opened = SqlRegistry::open(options_, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    registry_ = std::move(*opened);
    client_ = std::make_unique<RegistryClient>(*registry_);
  }

  TemporaryDirectory directory_;
  ManualClock clock_;
  RegistryOptions options_;
  std::unique_ptr<SqlRegistry> registry_;
  std::unique_ptr<RegistryClient> client_;
};

/// The same, open from the beginning.
class OpenRegistryTest : public RegistryTest {
 protected:
  void SetUp() override { open(); }
};

/// True if both hold the same, whatever their inner shape; what differs is a failure of the test.
inline void expect_same(const Snapshot& left, const Snapshot& right) {
  EXPECT_EQ(left.version, right.version);
  ASSERT_EQ(left.users.size(), right.users.size());
  left.users.for_each([&](UserId id, const UserEntry& user) {
    const auto* other = right.users.find(id);
    ASSERT_TRUE(other) << "user " << id.value;
    EXPECT_EQ(user.role, other->role);
    EXPECT_EQ(user.key_version, other->key_version);
  });
  const auto same_set = [](const auto& set, const auto& other) {
    ASSERT_EQ(set.size(), other.size());
    set.for_each([&](SensorId id, std::monostate) { EXPECT_TRUE(other.contains(id)) << "sensor " << id.value; });
  };
  ASSERT_EQ(left.devices.size(), right.devices.size());
  left.devices.for_each([&](DeviceId id, const DeviceEntry& device) {
    const auto* other = right.devices.find(id);
    ASSERT_TRUE(other) << "device " << id.value;
    EXPECT_EQ(device.owner, other->owner);
    EXPECT_EQ(device.key_version, other->key_version);
    EXPECT_EQ(device.retention, other->retention);
    EXPECT_EQ(device.silent_after, other->silent_after);
    EXPECT_EQ(device.rollups, other->rollups);
    same_set(device.sensors, other->sensors);
  });
  ASSERT_EQ(left.sensors.size(), right.sensors.size());
  left.sensors.for_each([&](SensorId id, const SensorEntry& sensor) {
    const auto* other = right.sensors.find(id);
    ASSERT_TRUE(other) << "sensor " << id.value;
    EXPECT_EQ(sensor.device, other->device);
    EXPECT_EQ(sensor.mapping, other->mapping);
    EXPECT_EQ(sensor.retention, other->retention);
    EXPECT_EQ(sensor.rollups, other->rollups);
  });
  ASSERT_EQ(left.consumers.size(), right.consumers.size());
  left.consumers.for_each([&](ConsumerId id, const ConsumerEntry& consumer) {
    const auto* other = right.consumers.find(id);
    ASSERT_TRUE(other) << "consumer " << id.value;
    EXPECT_EQ(consumer.owner, other->owner);
    EXPECT_EQ(consumer.key_version, other->key_version);
    same_set(consumer.grants, other->grants);
  });
  ASSERT_EQ(left.certificates.size(), right.certificates.size());
  left.certificates.for_each([&](const Fingerprint& fingerprint, DeviceId device) {
    EXPECT_EQ(right.certificates.find(fingerprint), device) << fingerprint.to_string();
  });
}

}  // namespace iot::registry

#define EXPECT_ERRC(result, errc)                                                    \
  do {                                                                               \
    const auto& checked_result = (result);                                           \
    ASSERT_FALSE(checked_result);                                                    \
    EXPECT_TRUE(is(checked_result.error(), errc)) << checked_result.error().message; \
  } while (false)

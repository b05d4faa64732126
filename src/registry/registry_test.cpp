#include "registry/registry.h"

#include <gmock/gmock.h>

#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

using std::chrono::seconds;
using testing::UnorderedElementsAre;

class RegistryEntities : public OpenRegistryTest {};

TEST_F(RegistryEntities, HasRootFromTheBeginningWithoutAPassword) {
  const auto root = registry_->credentials("root").value();
  EXPECT_EQ(root.user.id, root_user);
  EXPECT_EQ(root.user.role, model::Role::admin);
  EXPECT_EQ(root.password_hash, "");
  EXPECT_EQ(registry_->snapshot()->users.find(root_user)->role, model::Role::admin);
  open();
  EXPECT_EQ(registry_->snapshot()->users.size(), 1u);
}

TEST_F(RegistryEntities, KeepsWhatWasCreatedAcrossARestart) {
  const auto user = client_->create_user({"Ada", "ada", "hash of ada", model::Role::read_only}).value();
  const auto device =
      client_
          ->create_device({.owner = user.id, .name = "machine", .description = "in\nhall 3", .retention = seconds(60)})
          .value();
  NewSensor wanted{device.id, "speed", "of the belt", "m/s", "/Belt//Left/", model::MappingType::single_precision,
                   seconds(5)};
  const auto sensor = client_->create_sensors({wanted}).value().front();
  const auto consumer = client_->create_consumer({user.id, "dashboard", "of hall 3"}).value();
  ASSERT_TRUE(client_->grant(consumer.id, sensor.id));
  open();

  const auto credentials = registry_->credentials("ada").value();
  EXPECT_EQ(credentials.password_hash, "hash of ada");
  EXPECT_EQ(credentials.user.name, "Ada");
  EXPECT_EQ(credentials.user.role, model::Role::read_only);
  const auto stored_device = registry_->device(device.id).value();
  EXPECT_EQ(stored_device.owner, user.id);
  EXPECT_EQ(stored_device.description, "in\nhall 3");
  EXPECT_EQ(stored_device.retention, seconds(60));
  EXPECT_EQ(stored_device.created, clock_.now());
  const auto stored = registry_->sensor(sensor.id).value();
  EXPECT_EQ(stored.device, device.id);
  EXPECT_EQ(stored.name, "speed");
  EXPECT_EQ(stored.description, "of the belt");
  EXPECT_EQ(stored.unit, "m/s");
  EXPECT_EQ(stored.path, "Belt/Left");
  EXPECT_EQ(stored.mapping, model::MappingType::single_precision);
  EXPECT_EQ(stored.retention, seconds(5));
  EXPECT_EQ(registry_->consumer(consumer.id).value().description, "of hall 3");
  EXPECT_EQ(registry_->granted_sensors(consumer.id, {}).value().front().id, sensor.id);

  const auto snapshot = registry_->snapshot();
  EXPECT_EQ(snapshot->sensors.find(sensor.id)->mapping, model::MappingType::single_precision);
  EXPECT_TRUE(snapshot->devices.find(device.id)->sensors.contains(sensor.id));
  EXPECT_TRUE(snapshot->consumers.find(consumer.id)->grants.contains(sensor.id));
}

TEST_F(RegistryEntities, ASnapshotInHandStaysAsItIs) {
  const auto device = client_->device();
  const auto before = registry_->snapshot();
  const auto sensor = client_->sensor(device);
  EXPECT_FALSE(before->sensors.contains(sensor));
  EXPECT_TRUE(before->devices.find(device)->sensors.empty());
  EXPECT_GT(registry_->version(), before->version);
  EXPECT_EQ(registry_->version(), registry_->snapshot()->version);
}

TEST_F(RegistryEntities, SaysWhatIsNotThere) {
  EXPECT_ERRC(registry_->user({7}), Errc::user_not_found);
  EXPECT_ERRC(registry_->credentials("nobody"), Errc::user_not_found);
  EXPECT_ERRC(registry_->device({7}), Errc::device_not_found);
  EXPECT_ERRC(registry_->sensor({7}), Errc::sensor_not_found);
  EXPECT_ERRC(registry_->consumer({7}), Errc::consumer_not_found);
  EXPECT_ERRC(registry_->sensors({7}, {}), Errc::device_not_found);
  EXPECT_ERRC(registry_->granted_sensors({7}, {}), Errc::consumer_not_found);
  EXPECT_ERRC(client_->update_user({7}, {}), Errc::user_not_found);
  EXPECT_ERRC(client_->delete_user({7}), Errc::user_not_found);
  EXPECT_ERRC(client_->create_device({.owner = {7}, .name = "x", .description = {}, .retention = {}}),
              Errc::user_not_found);
  EXPECT_ERRC(client_->update_device({7}, {}), Errc::device_not_found);
  EXPECT_ERRC(client_->delete_device({7}), Errc::device_not_found);
  EXPECT_ERRC(client_->rotate_device_key({7}), Errc::device_not_found);
  EXPECT_ERRC(client_->create_sensors({RegistryClient::new_sensor({7})}), Errc::device_not_found);
  EXPECT_ERRC(client_->update_sensor({7}, {}), Errc::sensor_not_found);
  EXPECT_ERRC(client_->delete_sensor({7}), Errc::sensor_not_found);
  EXPECT_ERRC(client_->create_consumer({.owner = {7}, .name = "x", .description = {}}), Errc::user_not_found);
  EXPECT_ERRC(client_->update_consumer({7}, {}), Errc::consumer_not_found);
  EXPECT_ERRC(client_->delete_consumer({7}), Errc::consumer_not_found);
  EXPECT_ERRC(client_->rotate_consumer_key({7}), Errc::consumer_not_found);
  const auto consumer = client_->consumer();
  EXPECT_ERRC(client_->grant({7}, {1}), Errc::consumer_not_found);
  EXPECT_ERRC(client_->grant(consumer, {7}), Errc::sensor_not_found);
  EXPECT_TRUE(client_->revoke(consumer, {7}));
}

TEST_F(RegistryEntities, AUsernameBelongsToOne) {
  const auto ada = client_->user("ada");
  client_->user("Ada");  // another name: user names are compared as they are
  EXPECT_ERRC(client_->create_user({"x", "ada", "", model::Role::user}), Errc::username_taken);
  const auto bob = client_->user("bob");
  const auto refused = client_->update_user(bob, {.name = {}, .username = "ada", .password_hash = {}, .role = {}});
  EXPECT_ERRC(refused, Errc::username_taken);
  EXPECT_EQ(refused.error().field, "username");
  EXPECT_TRUE(client_->update_user(ada, {.name = {}, .username = "ada", .password_hash = {}, .role = {}}));
}

TEST_F(RegistryEntities, RootCanBeNeitherRemovedNorDemoted) {
  EXPECT_ERRC(client_->delete_user(root_user), Errc::last_admin);
  EXPECT_ERRC(
      client_->update_user(root_user, {.name = {}, .username = {}, .password_hash = {}, .role = model::Role::user}),
      Errc::last_admin);
  EXPECT_TRUE(client_->update_user(root_user, {.name = "Boss", .username = {}, .password_hash = "h", .role = {}}));
}

TEST_F(RegistryEntities, AUsersTokensEndWithPasswordNameAndRole) {
  const auto ada = client_->user("ada");
  const auto key_version = [&] { return registry_->snapshot()->users.find(ada)->key_version; };
  EXPECT_EQ(key_version(), 1u);
  ASSERT_TRUE(client_->update_user(ada, {.name = "Ada L.", .username = {}, .password_hash = {}, .role = {}}));
  EXPECT_EQ(key_version(), 1u);
  ASSERT_TRUE(client_->update_user(ada, {.name = {}, .username = {}, .password_hash = "other", .role = {}}));
  EXPECT_EQ(key_version(), 2u);
  EXPECT_EQ(registry_->credentials("ada").value().password_hash, "other");
  ASSERT_TRUE(client_->update_user(ada, {.name = {}, .username = "countess", .password_hash = {}, .role = {}}));
  EXPECT_EQ(key_version(), 3u);
  ASSERT_TRUE(client_->update_user(ada, {.name = {}, .username = {}, .password_hash = {}, .role = model::Role::admin}));
  EXPECT_EQ(key_version(), 4u);
  ASSERT_TRUE(client_->update_user(ada, {.name = {}, .username = {}, .password_hash = {}, .role = model::Role::admin}));
  EXPECT_EQ(key_version(), 4u);
  open();
  EXPECT_EQ(key_version(), 4u);
}

TEST_F(RegistryEntities, RotationRaisesTheKeyVersionAndKeepsTheRest) {
  const auto device = client_->device();
  const auto sensor = client_->sensor(device);
  const auto consumer = client_->consumer();
  ASSERT_TRUE(client_->grant(consumer, sensor));
  EXPECT_EQ(client_->rotate_device_key(device).value(), 2u);
  EXPECT_EQ(client_->rotate_device_key(device).value(), 3u);
  EXPECT_EQ(client_->rotate_consumer_key(consumer).value(), 2u);
  for (int restart = 0; restart < 2; ++restart) {
    const auto snapshot = registry_->snapshot();
    EXPECT_EQ(snapshot->devices.find(device)->key_version, 3u);
    EXPECT_TRUE(snapshot->devices.find(device)->sensors.contains(sensor));
    EXPECT_EQ(snapshot->consumers.find(consumer)->key_version, 2u);
    EXPECT_TRUE(snapshot->consumers.find(consumer)->grants.contains(sensor));
    open();
  }
}

TEST_F(RegistryEntities, APatchChangesWhatItNames) {
  const auto device =
      client_->create_device({.owner = root_user, .name = "a", .description = "b", .retention = seconds(9)}).value();
  const auto renamed = client_->update_device(device.id, {.name = "c", .description = {}, .retention = {}}).value();
  EXPECT_EQ(renamed.name, "c");
  EXPECT_EQ(renamed.description, "b");
  EXPECT_EQ(renamed.retention, seconds(9));
  DevicePatch forever;
  forever.retention.emplace(std::nullopt);
  EXPECT_EQ(client_->update_device(device.id, forever).value().retention, std::nullopt);
  EXPECT_EQ(registry_->snapshot()->devices.find(device.id)->retention, std::nullopt);

  const auto sensor = client_->sensor(device.id);
  SensorPatch patch;
  patch.path = "/a/b/";
  patch.unit = "K";
  patch.retention = seconds(3);
  const auto moved = client_->update_sensor(sensor, patch).value();
  EXPECT_EQ(moved.path, "a/b");
  EXPECT_EQ(moved.unit, "K");
  EXPECT_EQ(moved.name, "temperature");
  EXPECT_EQ(registry_->sensor(sensor).value().path, "a/b");
  EXPECT_EQ(registry_->snapshot()->sensors.find(sensor)->retention, seconds(3));

  const auto consumer = client_->consumer();
  EXPECT_EQ(client_->update_consumer(consumer, {.name = "x", .description = "y"}).value().name, "x");
  EXPECT_EQ(registry_->consumer(consumer).value().description, "y");
}

TEST_F(RegistryEntities, RollupsAreSetChangedAndTakenAway) {
  const model::Rollups minutes{seconds(60), {}, {}};
  const model::Rollups hours{{}, seconds(3600), model::forever};
  const auto device =
      client_->create_device({.owner = root_user, .name = "a", .description = "", .rollups = minutes}).value();
  EXPECT_EQ(device.rollups, minutes);
  auto wanted = RegistryClient::new_sensor(device.id);
  wanted.rollups = hours;
  const auto sensor = client_->create_sensors({wanted}).value().front();
  EXPECT_EQ(sensor.rollups, hours);
  for (int restart = 0; restart < 2; ++restart) {
    EXPECT_EQ(registry_->device(device.id).value().rollups, minutes);
    EXPECT_EQ(registry_->sensor(sensor.id).value().rollups, hours);
    EXPECT_EQ(registry_->snapshot()->devices.find(device.id)->rollups, minutes);
    EXPECT_EQ(registry_->snapshot()->sensors.find(sensor.id)->rollups, hours);
    open();
  }
  DevicePatch none;
  none.rollups.emplace(std::nullopt);
  EXPECT_EQ(client_->update_device(device.id, none).value().rollups, std::nullopt);
  EXPECT_EQ(registry_->snapshot()->devices.find(device.id)->rollups, std::nullopt);
  SensorPatch patch;
  patch.rollups = model::Rollups{};
  EXPECT_EQ(client_->update_sensor(sensor.id, patch).value().rollups, model::Rollups{});
  EXPECT_EQ(registry_->snapshot()->sensors.find(sensor.id)->rollups, model::Rollups{});
  EXPECT_EQ(registry_->changes_after(registry_->version() - 1, 10).value()->front().rollups, model::Rollups{});
  // What a rotated key records keeps them.
  none.rollups = minutes;
  ASSERT_TRUE(client_->update_device(device.id, none));
  ASSERT_TRUE(client_->rotate_device_key(device.id));
  EXPECT_EQ(registry_->snapshot()->devices.find(device.id)->rollups, minutes);
}

TEST_F(RegistryEntities, AgesMustFitWhatIsThereAlready) {
  const auto device = client_->device();
  DevicePatch rollups;
  rollups.rollups = model::Rollups{seconds(60), {}, {}};
  ASSERT_TRUE(client_->update_device(device, rollups));
  DevicePatch retention;
  retention.retention = seconds(60);
  const auto refused = client_->update_device(device, retention);
  EXPECT_ERRC(refused, Errc::invalid_entity);
  EXPECT_EQ(refused.error().field, "rollups.minutes");
  EXPECT_EQ(registry_->device(device).value().retention, std::nullopt);
  retention.retention = seconds(59);
  EXPECT_TRUE(client_->update_device(device, retention));

  auto text = RegistryClient::new_sensor(device);
  text.mapping = model::MappingType::object;
  const auto sensor = client_->create_sensors({text}).value().front().id;
  SensorPatch patch;
  patch.rollups = model::Rollups{seconds(60), {}, {}};
  const auto unfit = client_->update_sensor(sensor, patch);
  EXPECT_ERRC(unfit, Errc::invalid_entity);
  EXPECT_EQ(unfit.error().field, "rollups");
}

TEST_F(RegistryEntities, GrantingTwiceAndRevokingTwiceSucceed) {
  const auto sensor = client_->sensor(client_->device());
  const auto consumer = client_->consumer();
  ASSERT_TRUE(client_->grant(consumer, sensor));
  const auto version = registry_->version();
  EXPECT_TRUE(client_->grant(consumer, sensor));
  EXPECT_EQ(registry_->version(), version);
  EXPECT_TRUE(client_->revoke(consumer, sensor));
  EXPECT_TRUE(client_->revoke(consumer, sensor));
  EXPECT_TRUE(registry_->snapshot()->consumers.find(consumer)->grants.empty());
}

class RegistryRemoval : public OpenRegistryTest {
 protected:
  void SetUp() override {
    open();
    registry_->on_sensors_removed([this](const std::vector<SensorId>& sensors) {
      removed_.insert(removed_.end(), sensors.begin(), sensors.end());
    });
  }

  std::vector<SensorId> removed_;
};

TEST_F(RegistryRemoval, OfADeviceTakesItsSensorsAndTheirGrants) {
  const auto device = client_->device();
  const auto other = client_->sensor(client_->device());
  const auto first = client_->sensor(device);
  const auto second = client_->sensor(device);
  const auto consumer = client_->consumer();
  for (const auto sensor : {first, second, other}) ASSERT_TRUE(client_->grant(consumer, sensor));

  ASSERT_TRUE(client_->delete_device(device));
  EXPECT_THAT(removed_, UnorderedElementsAre(first, second));
  EXPECT_ERRC(registry_->sensor(first), Errc::sensor_not_found);
  EXPECT_ERRC(registry_->device(device), Errc::device_not_found);
  const auto snapshot = registry_->snapshot();
  EXPECT_FALSE(snapshot->devices.contains(device));
  EXPECT_EQ(snapshot->sensors.size(), 1u);
  EXPECT_EQ(snapshot->consumers.find(consumer)->grants.size(), 1u);
  EXPECT_TRUE(snapshot->consumers.find(consumer)->grants.contains(other));
  EXPECT_EQ(registry_->granted_sensors(consumer, {}).value().size(), 1u);
}

TEST_F(RegistryRemoval, OfASensorTakesItsGrants) {
  const auto device = client_->device();
  const auto sensor = client_->sensor(device);
  const auto consumer = client_->consumer();
  ASSERT_TRUE(client_->grant(consumer, sensor));
  ASSERT_TRUE(client_->delete_sensor(sensor));
  EXPECT_THAT(removed_, UnorderedElementsAre(sensor));
  EXPECT_TRUE(registry_->snapshot()->devices.find(device)->sensors.empty());
  EXPECT_TRUE(registry_->snapshot()->consumers.find(consumer)->grants.empty());
}

TEST_F(RegistryRemoval, OfAUserTakesDevicesAndConsumers) {
  const auto ada = client_->user("ada");
  const auto device = client_->device("machine", ada);
  const auto sensor = client_->sensor(device);
  const auto foreign_sensor = client_->sensor(client_->device());
  const auto consumer = client_->consumer("dashboard", ada);
  const auto foreign_consumer = client_->consumer();
  ASSERT_TRUE(client_->grant(consumer, foreign_sensor));
  ASSERT_TRUE(client_->grant(foreign_consumer, sensor));

  ASSERT_TRUE(client_->delete_user(ada));
  EXPECT_THAT(removed_, UnorderedElementsAre(sensor));
  const auto snapshot = registry_->snapshot();
  EXPECT_FALSE(snapshot->users.contains(ada));
  EXPECT_FALSE(snapshot->devices.contains(device));
  EXPECT_FALSE(snapshot->consumers.contains(consumer));
  EXPECT_TRUE(snapshot->consumers.find(foreign_consumer)->grants.empty());
  EXPECT_ERRC(registry_->consumer(consumer), Errc::consumer_not_found);
  EXPECT_ERRC(registry_->credentials("ada"), Errc::user_not_found);
}

TEST_F(RegistryRemoval, IsToldBeforeItIsAnswered) {
  const auto sensor = client_->sensor(client_->device());
  bool told_first = false;
  ASSERT_TRUE(wait_for<void>([&](auto done) {
    registry_->delete_sensor({}, sensor, [&, done](Result<void> outcome) {
      told_first = !removed_.empty();
      done(std::move(outcome));
    });
  }));
  EXPECT_TRUE(told_first);
}

TEST_F(RegistryRemoval, NumbersAreNeverUsedAgain) {
  const auto device = client_->device();
  const auto sensor = client_->sensor(device);
  const auto consumer = client_->consumer();
  const auto user = client_->user("ada");
  ASSERT_TRUE(client_->delete_sensor(sensor));
  ASSERT_TRUE(client_->delete_device(device));
  ASSERT_TRUE(client_->delete_consumer(consumer));
  ASSERT_TRUE(client_->delete_user(user));
  open();
  const auto next_device = client_->device();
  EXPECT_GT(next_device.value, device.value);
  EXPECT_GT(client_->sensor(next_device).value, sensor.value);
  EXPECT_GT(client_->consumer().value, consumer.value);
  EXPECT_GT(client_->user("ada").value, user.value);
}

}  // namespace
}  // namespace iot::registry

// The snapshot is kept up to date by changes and never read again; so after any history it must be what the database
// says.
#include <random>

#include "registry/snapshot_loader.h"
#include "registry/sqlite.h"
#include "registry/testing/registry_fixture.h"

namespace iot::registry {
namespace {

class RegistrySnapshot : public OpenRegistryTest {
 protected:
  Snapshot rebuilt() { return load_snapshot(*open_sqlite(options_.database, SqliteUse::reader)); }
};

/// Does one thing after the other without waiting, some of which fail.
class RandomHistory {
 public:
  RandomHistory(Registry& registry, unsigned seed) : registry_(registry), random_(seed) {}

  void step() {
    const Actor actor{root_user, "test"};
    switch (below(18)) {
      case 0:
        return registry_.create_user(actor, {"u", "user" + std::to_string(below(40)), "h", role()},
                                     ignore<model::User>());
      case 1:
        return registry_.update_user(actor, {below(20) - 1}, user_patch(), ignore<model::User>());
      case 2:
        return below(4) ? step() : registry_.delete_user(actor, {below(20) - 1}, ignore<void>());
      case 3:
        return registry_.create_device(actor, {owner(), "d", "", retention(), retention(), rollups()},
                                       ignore<model::Device>());
      case 4:
        return registry_.update_device(actor, {below(60)}, device_patch(), ignore<model::Device>());
      case 5:
        return registry_.delete_device(actor, {below(60)}, ignore<void>());
      case 6:
        return registry_.rotate_device_key(actor, {below(60)}, ignore<std::uint64_t>());
      case 7:
      case 8:
        return registry_.create_sensors(actor, sensors(), ignore<std::vector<model::Sensor>>());
      case 9:
        return registry_.update_sensor(actor, {below(400)}, sensor_patch(), ignore<model::Sensor>());
      case 10:
        return registry_.delete_sensor(actor, {below(400)}, ignore<void>());
      case 11:
        return registry_.create_consumer(actor, {owner(), "c", ""}, ignore<model::Consumer>());
      case 12:
        return registry_.delete_consumer(actor, {below(60)}, ignore<void>());
      case 13:
        return registry_.rotate_consumer_key(actor, {below(60)}, ignore<std::uint64_t>());
      case 14:
        return registry_.grant(actor, {below(60)}, {below(400)}, ignore<void>());
      case 15:
        return registry_.add_certificate(actor, {{below(60)}, fingerprint(), "c"}, ignore<model::Certificate>());
      case 16:
        return registry_.remove_certificate(actor, {below(60)}, fingerprint(), ignore<void>());
      default:
        return registry_.revoke(actor, {below(60)}, {below(400)}, ignore<void>());
    }
  }

 private:
  template <class T>
  static Done<T> ignore() {
    return [](Result<T>) {};
  }
  std::int64_t below(std::int64_t end) { return std::uniform_int_distribution<std::int64_t>(0, end - 1)(random_); }
  Fingerprint fingerprint() { return RegistryClient::fingerprint(static_cast<unsigned>(below(3) * 100 + below(4))); }
  UserId owner() { return below(2) ? root_user : UserId{below(20)}; }
  model::Role role() { return static_cast<model::Role>(below(3)); }
  std::optional<std::chrono::seconds> retention() {
    if (below(2)) return {};
    return std::chrono::seconds(below(3));  // 0 is refused
  }
  std::optional<model::Rollups> rollups() {
    if (below(2)) return {};
    const std::chrono::seconds hours(below(9));  // not longer than the minutes is refused
    return model::Rollups{std::chrono::seconds(4), hours, model::forever};
  }
  UserPatch user_patch() {
    UserPatch patch;
    if (below(2)) patch.role = role();
    if (below(2)) patch.username = "user" + std::to_string(below(40));
    return patch;
  }
  DevicePatch device_patch() {
    DevicePatch patch;
    patch.retention = retention();
    if (below(2)) patch.silent_after = retention();
    if (below(2)) patch.rollups = rollups();
    return patch;
  }
  SensorPatch sensor_patch() {
    SensorPatch patch;
    patch.retention = retention();
    if (below(2)) patch.rollups = rollups();
    return patch;
  }
  std::vector<NewSensor> sensors() {
    std::vector<NewSensor> wanted;
    for (auto count = below(5); count >= 0; --count) {
      wanted.push_back(RegistryClient::new_sensor({below(60)}));
      wanted.back().mapping = static_cast<model::MappingType>(below(model::mapping_type_count));
      wanted.back().retention = retention();
      if (below(4) == 0) wanted.back().rollups = rollups();
      if (below(2)) wanted.resize(1);
    }
    return wanted;
  }

  Registry& registry_;
  std::mt19937 random_;
};

TEST_F(RegistrySnapshot, IsWhatTheDatabaseSaysAfterAnyHistory) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomHistory history(*registry_, seed);
  Snapshot follower = *registry_->snapshot();
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 300; ++i) history.step();
    client_->device();  // its answer comes after all the others
    expect_same(*registry_->snapshot(), rebuilt());
    // Another process would follow by the feed alone.
    const auto changes = registry_->changes_after(follower.version, 100'000).value();
    ASSERT_TRUE(changes);
    apply_all(follower, *changes);
    expect_same(*registry_->snapshot(), follower);
  }
  EXPECT_GT(registry_->snapshot()->version, 300u) << "most steps find nothing to change";
  const auto before = registry_->snapshot();
  open();
  expect_same(*before, *registry_->snapshot());
}

TEST_F(RegistrySnapshot, AFollowerThatIsTooFarBehindIsTold) {
  options_.limits.changes_max = 10;
  open();
  const auto start = registry_->version();
  for (int i = 0; i < 8; ++i) client_->device();
  EXPECT_EQ(registry_->changes_after(start, 100).value()->size(), 8u);
  EXPECT_EQ(registry_->changes_after(start, 3).value()->size(), 3u);
  for (int i = 0; i < 8; ++i) client_->device();
  EXPECT_EQ(registry_->changes_after(start, 100).value(), std::nullopt);
  EXPECT_EQ(registry_->changes_after(registry_->version() - 5, 100).value()->size(), 5u);
  EXPECT_TRUE(registry_->changes_after(registry_->version(), 100).value()->empty());
}

}  // namespace
}  // namespace iot::registry

#include "gateway/device_presence.h"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "registry/testing/registry_fixture.h"

namespace iot::gateway {
namespace {

using registry::DeviceEventKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

class FakeConnection final : public OpenConnection {
 public:
  void on_withdrawn(WithdrawnReason) override {}
};

class DevicePresenceTest : public registry::OpenRegistryTest {
 protected:
  void SetUp() override {
    OpenRegistryTest::SetUp();
    device_ = client_->device();
    start();
  }
  void TearDown() override {
    if (connection_.is_entered()) connections_->leave(connection_);
    registry_->stop();
  }
  void start() {
    std::vector<boost::asio::any_io_executor> executors{loop_.get_executor()};
    connections_ = std::make_unique<OpenConnections>(*registry_, executors, metrics_, OpenConnectionsLimits{});
    presence_ = std::move(DevicePresence::open(*registry_, *connections_, clock_, metrics_, {}).value());
  }
  void crash() {
    if (connection_.is_entered()) connections_->leave(connection_);
    settle();
    registry_->stop();
    presence_.reset();
    connections_.reset();
    open();
    start();
  }
  void settle() {
    ASSERT_TRUE(registry::wait_for<void>(
        [&](auto done) { registry_->device_records().store_presence({}, {}, std::move(done)); }));
  }
  /// Time passes as it does for the platform, which ticks each second.
  void pass(std::chrono::seconds time) {
    for (auto passed = 0s; passed < time; passed += 1s) {
      clock_.advance(1s);
      presence_->tick();
    }
    settle();
  }
  void connect() {
    const Principal principal{.kind = registry::SubjectKind::device, .id = device_.value, .key_version = 1};
    ASSERT_EQ(connections_->enter(connection_, 0, principal, Protocol::mqtt, "192.0.2.9", clock_.now()),
              EnterRefusal::none);
  }
  void request() { connections_->note_request(0, device_, "192.0.2.5", clock_.now()); }
  void limit(std::optional<std::chrono::seconds> limit) {
    registry::DevicePatch patch;
    patch.silent_after = limit;
    ASSERT_TRUE(client_->update_device(device_, std::move(patch)));
  }
  std::vector<DeviceEventKind> events() {
    // What could not be stored because another write was under way is stored by the next tick.
    settle();
    presence_->tick();
    settle();
    std::vector<DeviceEventKind> kinds;
    const auto events = registry_->device_records().events(device_, {}).value();
    for (const auto& event : events) kinds.push_back(event.kind);
    return kinds;
  }

  boost::asio::io_context loop_;
  Metrics metrics_;
  DeviceId device_;
  FakeConnection connection_;
  std::unique_ptr<OpenConnections> connections_;
  std::unique_ptr<DevicePresence> presence_;
};

TEST_F(DevicePresenceTest, SaysThatADeviceWasNeverSeen) {
  const auto standing = presence_->standing(device_);
  EXPECT_FALSE(standing.is_connected());
  EXPECT_FALSE(standing.last_seen);
  EXPECT_FALSE(standing.connected_since);
}

TEST_F(DevicePresenceTest, ShowsWhatGoesOnAtOnce) {
  const Timestamp begin = clock_.now();
  connect();
  clock_.advance(3s);
  connection_.note_seen(clock_.now());
  connections_->note_error(connection_, "bad reading", clock_.now());
  const auto standing = presence_->standing(device_);
  EXPECT_TRUE(standing.is_connected());
  EXPECT_EQ(standing.connected_since, begin);
  EXPECT_EQ(standing.last_seen, clock_.now());
  EXPECT_EQ(standing.protocol, Protocol::mqtt);
  EXPECT_EQ(standing.address, "192.0.2.9");
  EXPECT_EQ(standing.last_error, "bad reading");
}

TEST_F(DevicePresenceTest, IsNotConnectedAfterACrashAndWasSeenSecondsBefore) {
  connect();
  connections_->note_error(connection_, "bad reading", clock_.now());
  const Timestamp failed = clock_.now();
  pass(5s);
  connection_.note_seen(clock_.now());
  const Timestamp stored = clock_.now();
  pass(5s);
  connection_.note_seen(clock_.now());
  crash();
  const auto standing = presence_->standing(device_);
  EXPECT_FALSE(standing.is_connected());
  EXPECT_FALSE(standing.connected_since);
  EXPECT_EQ(standing.last_seen, stored);
  EXPECT_EQ(standing.protocol, Protocol::mqtt);
  EXPECT_EQ(standing.address, "192.0.2.9");
  EXPECT_EQ(standing.last_error, "bad reading");
  EXPECT_EQ(standing.last_error_at, failed);
}

TEST_F(DevicePresenceTest, LosesNothingWhenThePlatformStops) {
  request();
  presence_->stop();
  const Timestamp seen = clock_.now();
  clock_.advance(1min);
  crash();
  EXPECT_EQ(presence_->standing(device_).last_seen, seen);
  EXPECT_EQ(presence_->standing(device_).protocol, Protocol::http);
}

TEST_F(DevicePresenceTest, IsSilentOnceWhenItsLimitIsOver) {
  request();
  limit(60s);
  pass(59s);
  EXPECT_THAT(events(), IsEmpty());
  pass(1s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::silent));
  EXPECT_EQ(presence_->standing(device_).silent_since, clock_.now());
  pass(200s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::silent));
}

TEST_F(DevicePresenceTest, IsBackWithItsNextSignOfLifeAndMayBeSilentAgain) {
  limit(60s);
  pass(66s);
  ASSERT_THAT(events(), ElementsAre(DeviceEventKind::silent));
  request();
  pass(5s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::back, DeviceEventKind::silent));
  EXPECT_FALSE(presence_->standing(device_).silent_since);
  pass(60s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::silent, DeviceEventKind::back, DeviceEventKind::silent));
}

TEST_F(DevicePresenceTest, IsNotSilentWhileItGivesSignsOfLife) {
  limit(30s);
  connect();
  for (int i = 0; i < 20; ++i) {
    pass(10s);
    connection_.note_seen(clock_.now());
  }
  EXPECT_THAT(events(), IsEmpty());
  pass(30s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::silent)) << "a connection alone is no sign of life";
}

TEST_F(DevicePresenceTest, ThatWasNeverSeenCountsFromWhenTheLimitWasSet) {
  pass(100s);
  limit(60s);
  pass(59s);
  EXPECT_THAT(events(), IsEmpty());
  pass(6s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::silent));
}

TEST_F(DevicePresenceTest, KeepsItsTimeOverARestart) {
  limit(60s);
  request();
  pass(30s);
  crash();
  pass(29s);
  EXPECT_THAT(events(), IsEmpty());
  pass(1s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::silent));
  crash();
  pass(100s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::silent)) << "one silence, one event";
  request();
  pass(5s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::back, DeviceEventKind::silent));
}

TEST_F(DevicePresenceTest, MayComeBackAfterALongRestart) {
  limit(60s);
  request();
  pass(5s);
  clock_.advance(1h);
  crash();
  pass(9s);
  EXPECT_THAT(events(), IsEmpty());
  request();
  pass(20s);
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(DevicePresenceTest, FollowsALimitThatChangesOrGoes) {
  request();
  limit(60s);
  pass(10s);
  limit(30s);
  pass(20s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::silent));
  limit({});
  pass(5s);
  EXPECT_FALSE(presence_->standing(device_).silent_since);
  pass(100s);
  EXPECT_THAT(events(), ElementsAre(DeviceEventKind::silent));
}

TEST_F(DevicePresenceTest, ForgetsADeviceThatIsRemoved) {
  limit(60s);
  request();
  pass(6s);
  ASSERT_TRUE(client_->delete_device(device_));
  pass(100s);
  EXPECT_THAT(registry_->device_records().presences().value(), IsEmpty());
}

}  // namespace
}  // namespace iot::gateway

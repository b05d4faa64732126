#include "gateway/open_connections.h"

#include <deque>
#include <random>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>

#include "gateway/testing/fixed_registry.h"
#include "registry/change.h"

namespace iot::gateway {
namespace {

using registry::SubjectKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr DeviceId device{3};
constexpr DeviceId other_device{4};
constexpr ConsumerId consumer{3};
constexpr SensorId sensor{9};

Fingerprint certificate(std::uint8_t number) {
  Fingerprint made;
  made.bytes[0] = number;
  return made;
}

registry::Snapshot known() {
  registry::Snapshot snapshot;
  snapshot.version = 1;
  snapshot.devices.set(device, {.owner = root_user});
  snapshot.devices.set(other_device, {.owner = root_user});
  snapshot.consumers.set(consumer, {.owner = root_user, .key_version = 1, .grants = {}});
  snapshot.certificates.add(certificate(1), device);
  snapshot.certificates.add(certificate(2), device);
  return snapshot;
}

Principal by_token(DeviceId id, std::uint64_t key_version = 1) {
  return {.kind = SubjectKind::device, .id = id.value, .key_version = key_version};
}
Principal by_token(ConsumerId id) {
  return {.kind = SubjectKind::consumer, .id = id.value, .key_version = 1};
}
Principal by_certificate(DeviceId id, std::uint8_t number) {
  return {.kind = SubjectKind::device, .id = id.value, .certificate = certificate(number)};
}

class FakeConnection final : public OpenConnection {
 public:
  explicit FakeConnection(OpenConnections& all) : all_(all) {}
  ~FakeConnection() { all_.leave(*this); }

  void on_withdrawn(WithdrawnReason reason) override {
    reasons.push_back(reason);
    all_.leave(*this);
  }
  void on_grants_withdrawn() override { ++grants_withdrawn; }

  std::vector<WithdrawnReason> reasons;
  int grants_withdrawn = 0;

 private:
  OpenConnections& all_;
};

class OpenConnectionsTest : public ::testing::Test {
 protected:
  FakeConnection& open(const Principal& principal, Protocol protocol = Protocol::mqtt, std::size_t loop = 0) {
    auto& connection = connections_.emplace_back(all_);
    EXPECT_EQ(enter(connection, principal, protocol, loop), EnterRefusal::none);
    return connection;
  }
  EnterRefusal enter(FakeConnection& connection, const Principal& principal, Protocol protocol = Protocol::mqtt,
                     std::size_t loop = 0) {
    return all_.enter(connection, loop, principal, protocol, "192.0.2.1", clock_.now());
  }
  /// The change as the registry makes it: first the snapshot, then the listeners.
  void change(const registry::Change& change) {
    registry::Snapshot next = *registry_.snapshot();
    registry::Change numbered = change;
    numbered.sequence = next.version + 1;
    registry::Removals removed;
    registry::apply(next, numbered, &removed);
    registry_.set(std::move(next));
    registry_.withdraw(removed.withdrawal);
  }
  void rotate(DeviceId id, std::uint64_t version) {
    change(registry::device_set(id, {.owner = root_user, .key_version = version}));
  }
  void run_loops() {
    for (auto* loop : {&first_, &second_}) {
      loop->restart();
      loop->run();
    }
  }

  ManualClock clock_;
  Metrics metrics_;
  gateway::testing::FixedRegistry registry_{known()};
  boost::asio::io_context first_;
  boost::asio::io_context second_;
  OpenConnections all_{registry_, {first_.get_executor(), second_.get_executor()}, metrics_, {}};
  std::deque<FakeConnection> connections_;
};

TEST_F(OpenConnectionsTest, ARotatedKeyEndsTheConnectionsOfEarlierTokensOnTheirLoops) {
  auto& on_first = open(by_token(device));
  auto& on_second = open(by_token(device), Protocol::websocket, 1);
  auto& of_certificate = open(by_certificate(device, 1));
  auto& of_other = open(by_token(other_device));
  rotate(device, 2);
  EXPECT_TRUE(on_first.reasons.empty()) << "only its own loop calls a connection";
  run_loops();
  EXPECT_THAT(on_first.reasons, ElementsAre(WithdrawnReason::key_rotated));
  EXPECT_THAT(on_second.reasons, ElementsAre(WithdrawnReason::key_rotated));
  EXPECT_TRUE(of_certificate.reasons.empty());
  EXPECT_TRUE(of_other.reasons.empty());
  EXPECT_EQ(all_.size(), 2u);

  auto& of_new_token = open(by_token(device, 2));
  rotate(other_device, 2);
  run_loops();
  EXPECT_TRUE(of_new_token.reasons.empty());
  EXPECT_THAT(of_other.reasons, ElementsAre(WithdrawnReason::key_rotated));
}

TEST_F(OpenConnectionsTest, ALegacyTokenHoldsUntilTheFirstRotation) {
  auto& legacy = open(by_token(device, 0));
  change(registry::device_set(device, {.owner = {5}, .key_version = 1}));
  run_loops();
  EXPECT_TRUE(legacy.reasons.empty());
  rotate(device, 2);
  run_loops();
  EXPECT_THAT(legacy.reasons, ElementsAre(WithdrawnReason::key_rotated));
}

TEST_F(OpenConnectionsTest, ARemovedCertificateEndsItsConnectionsAlone) {
  auto& first = open(by_certificate(device, 1));
  auto& second = open(by_certificate(device, 2));
  auto& of_token = open(by_token(device));
  change(registry::certificate_removed(device, certificate(2)));
  run_loops();
  EXPECT_THAT(second.reasons, ElementsAre(WithdrawnReason::certificate_removed));
  EXPECT_TRUE(first.reasons.empty());
  EXPECT_TRUE(of_token.reasons.empty());
}

TEST_F(OpenConnectionsTest, ARemovedDeviceTakesAllItsConnectionsAndItsPresence) {
  auto& of_token = open(by_token(device));
  auto& of_certificate = open(by_certificate(device, 1));
  auto& of_consumer = open(by_token(consumer));
  change(registry::device_removed(device));
  run_loops();
  EXPECT_THAT(of_token.reasons, ElementsAre(WithdrawnReason::subject_removed));
  EXPECT_THAT(of_certificate.reasons, ElementsAre(WithdrawnReason::subject_removed));
  EXPECT_TRUE(of_consumer.reasons.empty()) << "a consumer of the same number is somebody else";
  EXPECT_FALSE(all_.presence(device));
}

TEST_F(OpenConnectionsTest, AWithdrawnGrantIsToldToTheConsumerOnceForEachWakeUp) {
  change(registry::granted(consumer, sensor));
  change(registry::granted(consumer, {10}));
  auto& connection = open(by_token(consumer));
  auto& of_device = open(by_token(device));
  change(registry::revoked(consumer, sensor));
  change(registry::revoked(consumer, {10}));
  run_loops();
  EXPECT_EQ(connection.grants_withdrawn, 1);
  EXPECT_TRUE(connection.reasons.empty());
  EXPECT_EQ(of_device.grants_withdrawn, 0);
}

TEST_F(OpenConnectionsTest, AConnectionThatLeavesInTimeIsNotCalled) {
  auto& gone = open(by_token(device));
  auto& first = open(by_token(device));
  auto& last = open(by_token(device));
  rotate(device, 2);
  all_.leave(gone);
  run_loops();
  EXPECT_TRUE(gone.reasons.empty());
  EXPECT_EQ(first.reasons.size() + last.reasons.size(), 2u);
}

TEST_F(OpenConnectionsTest, WhatWasWithdrawnMeanwhileIsRefused) {
  FakeConnection late(all_);
  rotate(device, 2);
  EXPECT_EQ(enter(late, by_token(device, 1)), EnterRefusal::withdrawn);
  EXPECT_FALSE(late.is_entered());
  change(registry::certificate_removed(device, certificate(1)));
  EXPECT_EQ(enter(late, by_certificate(device, 1)), EnterRefusal::withdrawn);
  EXPECT_EQ(enter(late, by_certificate(other_device, 2)), EnterRefusal::withdrawn);
  EXPECT_EQ(enter(late, by_token(DeviceId{99})), EnterRefusal::withdrawn);
  EXPECT_EQ(all_.size(), 0u);
  EXPECT_FALSE(all_.presence({99}));
}

TEST_F(OpenConnectionsTest, EachDeviceHasSoManyAndNoMore) {
  std::deque<FakeConnection> many;
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(enter(many.emplace_back(all_), by_token(device)), EnterRefusal::none);
  }
  FakeConnection further(all_);
  EXPECT_EQ(enter(further, by_token(device)), EnterRefusal::too_many);
  EXPECT_EQ(enter(further, by_certificate(device, 1)), EnterRefusal::too_many) << "tokens and certificates count alike";
  EXPECT_FALSE(further.is_entered());
  EXPECT_THAT(metrics_.scrape(), HasSubstr("iotplatform_connections_refused_total"
                                           "{limit=\"gateway.connections_per_device_max\"} 2"));
  open(by_token(other_device));
  many.pop_front();
  EXPECT_EQ(enter(further, by_token(device)), EnterRefusal::none);
}

TEST_F(OpenConnectionsTest, APrincipalExpiresAtItsMoment) {
  Principal principal = by_token(device);
  EXPECT_FALSE(principal.is_expired(timestamp_max));
  principal.expires = Timestamp{100};
  EXPECT_FALSE(principal.is_expired({99}));
  EXPECT_TRUE(principal.is_expired({100}));
}

TEST_F(OpenConnectionsTest, PresenceIsOfTheOldestConnectionAndTheLastSign) {
  EXPECT_FALSE(all_.presence(device));
  const auto start = clock_.now();
  open(by_token(device));
  clock_.advance(std::chrono::seconds(1));
  auto& second = open(by_token(device), Protocol::websocket);
  clock_.advance(std::chrono::seconds(1));
  second.note_seen(clock_.now());
  auto presence = *all_.presence(device);
  EXPECT_EQ(presence.connections, 2u);
  EXPECT_EQ(presence.connected_since, start);
  EXPECT_EQ(presence.last_seen, clock_.now());
  EXPECT_EQ(presence.protocol, Protocol::websocket);
  EXPECT_EQ(presence.address, "192.0.2.1");

  all_.note_error(second, std::string(255, 'x') + "é", clock_.now());
  for (auto& each : connections_) all_.leave(each);
  presence = *all_.presence(device);
  EXPECT_EQ(presence.connections, 0u);
  EXPECT_EQ(presence.connected_since, std::nullopt);
  EXPECT_EQ(presence.last_seen, clock_.now()) << "what is known of it stays";
  EXPECT_EQ(presence.last_error, std::string(255, 'x')) << "cut between characters";
  EXPECT_EQ(presence.last_error_at, clock_.now());
}

TEST_F(OpenConnectionsTest, RequestsCountOnceASecond) {
  const auto start = clock_.now();
  all_.note_request(0, device, "192.0.2.8", start);
  all_.note_request(0, device, "192.0.2.9", {start.ns + 1});
  EXPECT_EQ(all_.presence(device)->last_seen, start);
  EXPECT_EQ(all_.presence(device)->address, "192.0.2.8");
  clock_.advance(std::chrono::seconds(1));
  all_.note_request(0, device, "192.0.2.9", clock_.now());
  EXPECT_EQ(all_.presence(device)->last_seen, clock_.now());
  EXPECT_EQ(all_.presence(device)->protocol, Protocol::http);
  EXPECT_EQ(all_.presence(device)->address, "192.0.2.9");
  EXPECT_EQ(all_.presence(device)->connections, 0u);
  all_.note_request_error(device, "unknown sensor", clock_.now());
  EXPECT_EQ(all_.presence(device)->last_error, "unknown sensor");
}

TEST_F(OpenConnectionsTest, OneKeyAmongAHundredThousandConnectionsIsFoundAtOnce) {
  registry::Snapshot snapshot = known();
  for (std::int64_t id = 1'000; id < 101'000; ++id) snapshot.devices.set(DeviceId{id}, {.owner = root_user});
  registry_.set(std::move(snapshot));
  for (std::int64_t id = 1'000; id < 101'000; ++id) open(by_token(DeviceId{id}), Protocol::mqtt, id & 1);
  const auto start = std::chrono::steady_clock::now();
  rotate(DeviceId{50'000}, 2);
  run_loops();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(100));
  EXPECT_EQ(connections_[49'000].reasons.size(), 1u);
  EXPECT_EQ(all_.size(), 99'999u);

  for (std::int64_t id = 1'000; id < 2'000; ++id) rotate(DeviceId{id}, 2);
  run_loops();
  EXPECT_EQ(all_.size(), 98'999u) << "more than a loop tells in one go";
}

/// Two loops open and close while keys are rotated: whatever the order, no connection stays open on a key that is void.
TEST(OpenConnectionsRace, NoConnectionOutlivesItsKey) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Metrics metrics;
  gateway::testing::FixedRegistry registry(known());
  std::array<boost::asio::io_context, 2> loops;
  OpenConnections all(registry, {loops[0].get_executor(), loops[1].get_executor()}, metrics, {});
  std::array<std::deque<FakeConnection>, 2> connections;
  std::atomic<std::uint64_t> version{1};
  const auto open_and_close = [&](std::size_t index) {
    std::mt19937 random(seed + static_cast<unsigned>(index));
    for (int i = 0; i < 20'000; ++i) {
      auto& mine = connections[index];
      if (random() % 2 && !mine.empty()) mine.pop_front();
      all.enter(mine.emplace_back(all), index, by_token(device, version), Protocol::mqtt, "", Timestamp{});
      loops[index].poll();
    }
  };
  std::thread first(open_and_close, 0);
  std::thread second(open_and_close, 1);
  for (std::uint64_t next = 2; next < 2'000; ++next) {
    registry::Snapshot snapshot = *registry.snapshot();
    snapshot.devices.set(device, {.owner = root_user, .key_version = next});
    registry.set(std::move(snapshot));
    registry.withdraw({.keys = {{SubjectKind::device, device.value, next}}, .certificates = {}, .grants = {}});
    version = next;
  }
  first.join();
  second.join();
  for (auto& loop : loops) {
    loop.restart();
    loop.run();
  }
  for (const auto& mine : connections) {
    for (const auto& each : mine) EXPECT_TRUE(!each.is_entered() || each.principal().key_version == version);
  }
}

}  // namespace
}  // namespace iot::gateway

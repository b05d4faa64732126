// Connections and sessions: who has which, for how long, and what is left of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/sys_topics.h"
#include "broker/testing/broker_world.h"
#include "mqtt/encode.h"

namespace iot::broker {
namespace {

using namespace testing;
using mqtt::PacketType;
using mqtt::Qos;
using mqtt::ReasonCode;
using mqtt::Version;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ConnectWith keeping{.clean_start = false, .expiry_s = 100};
constexpr Owner owner{Owner::Kind::device, 1};

TEST(BrokerSessions, TakeOverTellsTheOlderConnectionAndKeepsTheSession) {
  World world;
  Peer older(world, "client");
  older.connect(keeping);
  older.subscribe("a");
  world.commit();
  older.heard();
  Peer newer(world, "client");
  EXPECT_EQ(newer.connect(keeping), "CONNACK 0x00 present");
  EXPECT_THAT(older.heard(), ElementsAre("DISCONNECT 0x8E"));
  EXPECT_TRUE(older.is_closed());
  world.publish("a", "x");
  world.commit();
  EXPECT_THAT(newer.heard(), ElementsAre("PUBLISH a=x q1 #1"));
}

TEST(BrokerSessions, AConnectionThatWasTakenOverDoesNothingToTheSessionAnyMore) {
  World world;
  Peer older(world, "client");
  older.connect(keeping);
  older.subscribe("a");
  world.commit();
  older.heard();
  older.notices_losses = false;  // It runs on another thread and has not looked yet.
  Peer newer(world, "client");
  newer.connect(keeping);
  world.publish("a", "x");
  world.commit();
  older.wake();
  EXPECT_THAT(older.heard(), IsEmpty()) << "the message is the newer connection's";
  EXPECT_THAT(newer.heard(), ElementsAre("PUBLISH a=x q1 #1"));
  older.acknowledge(PacketType::puback, 1);
  EXPECT_EQ(world.broker->sessions(owner).front().in_flight, 1u);
  older.unsubscribe("a");
  older.publish("b", "y", {.qos = Qos::exactly_once, .packet_id = 5});
  older.acknowledge(PacketType::pubrel, 5);
  older.subscribe("b");
  world.commit();
  EXPECT_EQ(world.broker->sessions(owner).front().subscriptions, 1u);
  EXPECT_EQ(newer.connection().is_connected(), true);
  EXPECT_THAT(older.heard(), ::testing::Not(Contains("PUBREC 5")));
  EXPECT_THAT(older.heard(), ::testing::Not(Contains("PUBCOMP 5")));
}

struct WillCase {
  bool clean_start;
  std::uint32_t expiry_s, delay_s;
  bool is_published;
};

TEST(BrokerSessions, TakeOverPublishesTheWillUnlessItWasDelayedAndTheSessionGoesOn) {
  for (const WillCase& one : {WillCase{false, 100, 0, true}, WillCase{false, 100, 10, false},
                              WillCase{true, 100, 10, true}, WillCase{false, 0, 10, true}}) {
    SCOPED_TRACE(::testing::Message() << one.clean_start << " " << one.expiry_s << " " << one.delay_s);
    World world;
    Peer watcher(world, "watcher");
    watcher.connect();
    watcher.subscribe("will");
    watcher.heard();
    Peer older(world, "client");
    older.connect({.expiry_s = one.expiry_s, .will_topic = "will", .will_delay_s = one.delay_s});
    Peer newer(world, "client");
    newer.connect({.clean_start = one.clean_start, .expiry_s = 100});
    world.pass(seconds(1'000));
    EXPECT_EQ(watcher.drain().size(), one.is_published ? 1u : 0u);
  }
}

TEST(BrokerSessions, AWillIsDueAfterItsDelayOrWithItsSessionWhicheverIsFirst) {
  for (const std::uint32_t delay_s : {5u, 50u}) {
    World world;
    Peer watcher(world, "watcher");
    watcher.connect();
    watcher.subscribe("will");
    watcher.heard();
    Peer client(world, "client");
    client.connect({.expiry_s = 10, .will_topic = "will", .will_delay_s = delay_s});
    client.lose();
    const int due_s = std::min(delay_s, 10u);
    world.pass(seconds(due_s) - milliseconds(1));
    EXPECT_THAT(watcher.heard(), IsEmpty());
    world.pass(milliseconds(1));
    EXPECT_THAT(watcher.heard(), ElementsAre("PUBLISH will=gone q1 #1"));
  }
}

TEST(BrokerSessions, DisconnectForgetsTheWillUnlessItAsksForIt) {
  for (const ReasonCode reason : {ReasonCode::success, ReasonCode::disconnect_with_will}) {
    World world;
    Peer watcher(world, "watcher");
    watcher.connect();
    watcher.subscribe("will");
    watcher.heard();
    Peer client(world, "client");
    client.connect({.will_topic = "will"});
    client.disconnect(reason);
    EXPECT_EQ(watcher.heard().size(), reason == ReasonCode::success ? 0u : 1u);
  }
}

TEST(BrokerSessions, ASessionEndsAfterItsExpiryAndNotBefore) {
  World world;
  Peer(world, "client").connect(keeping);
  world.pass(milliseconds(99'999));
  EXPECT_EQ(world.broker->counts().sessions, 1u);
  EXPECT_EQ(Peer(world, "client").connect(keeping), "CONNACK 0x00 present");
  world.pass(milliseconds(100'000));
  EXPECT_EQ(world.broker->counts().sessions, 0u);
  EXPECT_EQ(Peer(world, "client").connect(keeping), "CONNACK 0x00");
}

TEST(BrokerSessions, DisconnectMayShortenTheSessionButNotMakeOne) {
  World world;
  Peer client(world, "client");
  client.connect(keeping);
  client.disconnect(ReasonCode::success, 5);
  world.pass(seconds(5));
  EXPECT_EQ(world.broker->counts().sessions, 0u);
  Peer other(world, "other");
  other.connect();
  other.disconnect(ReasonCode::success, 5);
  EXPECT_THAT(other.heard(), ElementsAre("DISCONNECT 0x82"));
  EXPECT_EQ(world.broker->counts().sessions, 0u);
}

/// A session with everything that a session can have.
void fill(World& world) {
  Peer client(world, "client");
  client.connect({.clean_start = false, .expiry_s = 100, .receive_max = 2, .will_topic = "will", .will_delay_s = 50});
  client.subscribe("a/#");
  client.subscribe("$share/g/a");
  client.publish("b", "kept", {.qos = Qos::exactly_once, .packet_id = 1});
  client.publish("take/b", "reading", {.qos = Qos::exactly_once, .packet_id = 2});
  for (int i = 0; i < 5; ++i) world.publish("a", std::to_string(i), Qos::exactly_once);
  world.commit();
  client.heard();
  client.acknowledge(PacketType::pubrec, 1);
  world.commit();
  client.lose();
  world.publish("a", "later");
  world.commit();
}

TEST(BrokerSessions, NothingIsLeftOfASessionWhicheverWayItEnds) {
  enum Way { clean_start, expiry, removal, short_disconnect, not_kept_any_more };
  for (const Way way : {clean_start, expiry, removal, short_disconnect, not_kept_any_more}) {
    for (const bool crash : {false, true}) {
      SCOPED_TRACE(::testing::Message() << way << (crash ? " after a crash" : ""));
      World world;
      fill(world);
      EXPECT_GE(world.store->durable_records().size(), 10u);
      if (crash) world.crash();
      Peer client(world, "client");
      if (way == clean_start) client.connect();
      if (way == expiry) world.pass(seconds(100));
      if (way == removal) world.broker->remove_owner(owner);
      if (way == short_disconnect) {
        client.connect(keeping);
        client.disconnect(ReasonCode::success, 0);
      }
      if (way == not_kept_any_more) client.connect({.clean_start = false});
      world.commit();
      EXPECT_THAT(world.store->durable_records(), IsEmpty());
      client.lose();
      world.commit();
      EXPECT_THAT(world.store->durable_records(), IsEmpty());
      EXPECT_EQ(world.broker->counts().queued_bytes, 0u);
      EXPECT_EQ(world.broker->counts().subscriptions, 0u);
    }
  }
}

TEST(BrokerSessions, ACommandOfQoS2LeavesNothingInTheStore) {
  World world;
  Peer client(world, "client");
  client.connect(keeping);
  MessageParts parts;
  parts.topic = "commands";
  parts.payload = "go";
  parts.arrived = world.now;
  parts.qos = Qos::exactly_once;
  ASSERT_TRUE(world.broker->send_to(client.connection().session(), parts));
  EXPECT_THAT(client.drain(), ElementsAre("go"));
  world.commit();
  EXPECT_EQ(world.store->durable_records().size(), 1u) << "the session alone";
  EXPECT_EQ(client.application.receipts.size(), 1u);
}

TEST(BrokerSessions, OwnersCannotTakeEachOthersSessions) {
  World world;
  Peer mine(world, "client", {Owner::Kind::device, 1});
  Peer yours(world, "client", {Owner::Kind::device, 2});
  Peer users(world, "client", {Owner::Kind::user, 1});
  mine.connect(keeping);
  EXPECT_EQ(yours.connect(keeping), "CONNACK 0x00");
  EXPECT_EQ(users.connect(keeping), "CONNACK 0x00");
  EXPECT_FALSE(mine.is_closed());
  EXPECT_THAT(mine.heard(), IsEmpty());
  EXPECT_EQ(world.broker->counts().connected, 3u);
}

TEST(BrokerSessions, OneMoreThanTheMostSessionsIsRefused) {
  World world;
  world.limits.sessions_max = 2;
  world.open();
  Peer one(world, "1"), two(world, "2"), three(world, "3"), again(world, "2");
  EXPECT_EQ(one.connect(), "CONNACK 0x00");
  EXPECT_EQ(two.connect(), "CONNACK 0x00");
  EXPECT_EQ(three.connect(), "CONNACK 0x97");
  EXPECT_EQ(again.connect(), "CONNACK 0x00") << "in the place of its own";
}

TEST(BrokerSessions, OneOwnerHasALimitThatLeavesOthersAlone) {
  World world;
  world.limits.sessions_per_owner_max = 1;
  world.open();
  const Owner first{Owner::Kind::device, 1}, other{Owner::Kind::device, 2};
  Peer one(world, "1", first), two(world, "2", first), of_other(world, "2", other);
  EXPECT_EQ(one.connect(), "CONNACK 0x00");
  EXPECT_EQ(two.connect(), "CONNACK 0x97");
  EXPECT_EQ(of_other.connect(), "CONNACK 0x00");
  one.disconnect();
  Peer again(world, "2", first);
  EXPECT_EQ(again.connect(), "CONNACK 0x00");
  EXPECT_EQ(world.broker->sessions(first).size(), 1u);
  world.broker->remove_owner(first);
  EXPECT_TRUE(world.broker->sessions(first).empty());
}

TEST(BrokerSessions, WhomNobodyReadsIsNotSilent) {
  World world;
  Peer client(world, "client");
  client.connect({.keep_alive_s = 10});
  world.steady += seconds(14);
  client.connection().restart_keep_alive(world.steady);
  EXPECT_EQ(client.connection().deadline(), world.steady + seconds(15));
  Peer without(world, "without");
  without.connect({.keep_alive_s = 0});
  without.connection().restart_keep_alive(world.steady);
  EXPECT_FALSE(without.connection().deadline());
}

TEST(BrokerSessions, TakesNoMorePacketsThanItIsAskedFor) {
  World world;
  Peer client(world, "client");
  client.connect();
  const std::string pings = std::string("\xC0\x00\xC0\x00\xC0\x00", 6) + std::string(64, '\0');
  std::string out;
  EXPECT_EQ(client.connection().receive({pings.data(), 6}, out, world.now, world.steady, 1), 2u);
  EXPECT_THAT(lines_of(out, Version::v5), ElementsAre("PINGRESP"));
  EXPECT_EQ(client.connection().bytes_needed(), 0u) << "the next one is there";
  EXPECT_EQ(client.connection().receive({pings.data(), 4}, out, world.now, world.steady, 5), 4u);
}

TEST(BrokerSessions, KeepAliveIsOneAndAHalfTimesWhatTheClientSaid) {
  World world;
  Peer client(world, "client");
  client.connect({.keep_alive_s = 10});
  EXPECT_EQ(client.connection().deadline(), world.steady + seconds(15));
  world.steady += seconds(14);
  client.send(std::string_view("\xC0\x00", 2));
  EXPECT_THAT(client.heard(), ElementsAre("PINGRESP"));
  EXPECT_EQ(client.connection().deadline(), world.steady + seconds(15));
  std::string out;
  client.connection().time_out(out, world.now);
  EXPECT_THAT(lines_of(out, Version::v5), ElementsAre("DISCONNECT 0x8D"));
}

TEST(BrokerSessions, TheServersKeepAliveHoldsForWhoeverWantsALongerOneOrNone) {
  World world;
  world.connection_limits.keep_alive_s_max = 60;
  for (const int wanted : {0, 59, 60, 61}) {
    Peer client(world, "client");
    client.connect({.keep_alive_s = static_cast<std::uint16_t>(wanted)});
    EXPECT_EQ(client.connection().deadline(), world.steady + milliseconds(wanted == 59 ? 88'500 : 90'000));
  }
  Peer older(world, "older");
  older.connect({.version = Version::v3_1_1});
  EXPECT_FALSE(older.connection().deadline()) << "3.1.1 cannot be told";
}

TEST(BrokerSessions, ASecondConnectAndAuthEndTheConnection) {
  World world;
  Peer twice(world, "twice");
  twice.connect();
  EXPECT_EQ(twice.connect(), "");
  EXPECT_TRUE(twice.is_closed());
  Peer auth(world, "auth");
  auth.connect();
  std::string bytes;
  encode(bytes, mqtt::Auth{ReasonCode::reauthenticate, {}});
  auth.send(bytes);
  EXPECT_TRUE(auth.is_closed());
  EXPECT_FALSE(auth.heard().empty());
}

TEST(BrokerSessions, SysTopicsSayHowTheBrokerIsAndOnlyWhatHasChanged) {
  World world;
  SysTopics topics("1.2", world.now);
  topics.publish(*world.broker, world.now);
  Peer client(world, "client");
  client.connect();
  client.subscribe("$SYS/broker/clients/connected");
  client.subscribe("#");
  EXPECT_THAT(client.heard(),
              ElementsAre("SUBACK 1 02", "SUBACK 1 02", "PUBLISH $SYS/broker/clients/connected=0 retain"))
      << "# does not mean topics that begin with $";
  topics.publish(*world.broker, world.now);
  EXPECT_THAT(client.heard(), ElementsAre("PUBLISH $SYS/broker/clients/connected=1"));
  topics.publish(*world.broker, world.now);
  EXPECT_THAT(client.heard(), IsEmpty());
  world.commit();
  EXPECT_THAT(world.store->durable_records(), IsEmpty());
}

}  // namespace
}  // namespace iot::broker

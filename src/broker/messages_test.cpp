// Messages between clients: who gets what, and how.
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/testing/broker_world.h"

namespace iot::broker {
namespace {

using namespace testing;
using mqtt::PacketType;
using mqtt::Qos;
using mqtt::ReasonCode;
using mqtt::RetainHandling;
using mqtt::Version;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(BrokerMessages, EachQosGoesThereAndBackInBothVersions) {
  for (const Version version : {Version::v3_1, Version::v3_1_1, Version::v5}) {
    World world;
    Subscriber subscriber(world, {.version = version});
    Client publisher(world, "publisher", {.version = version});
    publisher.publish("a/0", "zero");
    publisher.publish("a/1", "one", {.qos = Qos::at_least_once, .packet_id = 11});
    publisher.publish("a/2", "two", {.qos = Qos::exactly_once, .packet_id = 12});
    EXPECT_THAT(publisher.heard(), ElementsAre("PUBACK 11", "PUBREC 12"));
    EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a/1=one q1 #1", "PUBLISH a/0=zero"));
    publisher.publish("a/2", "two", {.qos = Qos::exactly_once, .packet_id = 12, .duplicate = true});
    publisher.acknowledge(PacketType::pubrel, 12);
    publisher.acknowledge(PacketType::pubrel, 12);
    EXPECT_THAT(publisher.heard(), ElementsAre("PUBREC 12", "PUBCOMP 12", "PUBCOMP 12"));
    EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a/2=two q2 #2"));
    subscriber.acknowledge(PacketType::pubrec, 2);
    subscriber.acknowledge(PacketType::puback, 1);
    EXPECT_THAT(subscriber.heard(), ElementsAre("PUBREL 2"));
    subscriber.acknowledge(PacketType::pubcomp, 2);
    EXPECT_THAT(subscriber.heard(), IsEmpty());
    EXPECT_EQ(world.broker->counts().queued_bytes, 0u);
  }
}

TEST(BrokerMessages, AcknowledgementsComeInTheOrderOfThePublications) {
  World world;
  Client publisher(world, "publisher");
  publisher.application.taken.batch = 1;
  publisher.publish("take/1", "r1", {.qos = Qos::at_least_once, .packet_id = 1});
  publisher.application.taken.batch = 2;
  publisher.publish("take/2", "r2", {.qos = Qos::at_least_once, .packet_id = 2});
  publisher.publish("nobody", "m", {.qos = Qos::at_least_once, .packet_id = 3});
  publisher.complete(2);
  EXPECT_THAT(publisher.heard(), IsEmpty());
  publisher.complete(1, ReasonCode::quota_exceeded);
  EXPECT_THAT(publisher.heard(), ElementsAre("PUBACK 1 0x97", "PUBACK 2", "PUBACK 3 0x10"));
}

TEST(BrokerMessages, AReadingOfQoS2ThatIsReleasedTwiceIsTakenOnce) {
  World world;
  world.connection_limits.receive_max = 2;
  Client publisher(world, "publisher");
  publisher.application.taken.batch = 1;
  publisher.publish("take/1", "r", {.qos = Qos::exactly_once, .packet_id = 1});
  publisher.acknowledge(PacketType::pubrel, 1);
  publisher.acknowledge(PacketType::pubrel, 1);
  EXPECT_THAT(publisher.heard(), ElementsAre("PUBREC 1"));
  publisher.complete(1);
  EXPECT_THAT(publisher.heard(), ElementsAre("PUBCOMP 1"));
  EXPECT_THAT(publisher.application.readings, ElementsAre("r"));
  // The count of what is unanswered is as it was.
  publisher.publish("b", "m", {.qos = Qos::exactly_once, .packet_id = 2});
  publisher.publish("b", "m", {.qos = Qos::exactly_once, .packet_id = 3});
  EXPECT_THAT(publisher.heard(), ElementsAre("PUBREC 2", "PUBREC 3"));
  EXPECT_FALSE(publisher.is_closed());
}

TEST(BrokerMessages, PublicationsThatWaitTakeAndGiveBackTheSameBytes) {
  World world;
  Client publisher(world, "publisher");
  publisher.publish("take/1", std::string(200, 'x'), {.qos = Qos::exactly_once, .packet_id = 1});
  publisher.publish("take/1", "short", {.qos = Qos::exactly_once, .packet_id = 2});
  EXPECT_GT(world.broker->counts().queued_bytes, 205u);
  publisher.acknowledge(PacketType::pubrel, 1);
  publisher.acknowledge(PacketType::pubrel, 2);
  EXPECT_EQ(world.broker->counts().queued_bytes, 0u);
}

TEST(BrokerMessages, AMessageThatTheApplicationStoresIsAcknowledgedThen) {
  World world;
  Client client(world, "client");
  client.application.published_batch = 9;
  client.publish("a/b", "x", {.qos = Qos::at_least_once, .packet_id = 1});
  client.application.published_batch = 10;
  client.publish("a/b", "y", {.qos = Qos::at_least_once, .packet_id = 2});
  EXPECT_THAT(client.heard(), IsEmpty());
  client.complete(9);
  EXPECT_THAT(client.heard(), ElementsAre("PUBACK 1 0x10")) << "still: nobody has subscribed";
  client.complete(10, ReasonCode::quota_exceeded);
  EXPECT_THAT(client.heard(), ElementsAre("PUBACK 2 0x97"));
}

TEST(BrokerMessages, ReceiveMaximumHoldsExactly) {
  for (const Qos qos : {Qos::at_least_once, Qos::exactly_once}) {
    World world;
    world.connection_limits.receive_max = 3;
    Client publisher(world, "publisher");
    publisher.application.taken.batch = 1;
    for (std::uint16_t id = 1; id <= 3; ++id) publisher.publish("take/1", "r", {.qos = qos, .packet_id = id});
    EXPECT_FALSE(publisher.is_closed());
    publisher.publish("take/1", "r", {.qos = qos, .packet_id = 4});
    const auto lines = publisher.heard();
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.back(), "DISCONNECT 0x93");
  }
}

TEST(BrokerMessages, TheClientsReceiveMaximumHolds) {
  World world;
  Subscriber subscriber(world, {.receive_max = 2});
  for (int i = 0; i < 4; ++i) world.publish("a/b", std::to_string(i), i % 2 ? Qos::exactly_once : Qos::at_least_once);
  EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a/b=0 q1 #1", "PUBLISH a/b=1 q2 #2"));
  subscriber.acknowledge(PacketType::pubrec, 2);
  EXPECT_THAT(subscriber.heard(), ElementsAre("PUBREL 2")) << "not done before PUBCOMP";
  subscriber.acknowledge(PacketType::pubcomp, 2);
  EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a/b=2 q1 #3"));
  subscriber.acknowledge(PacketType::puback, 1);
  EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a/b=3 q2 #4"));
}

TEST(BrokerMessages, AClientsTopicAliasesStandForTheirTopics) {
  World world;
  world.connection_limits.topic_alias_max = 2;
  Subscriber subscriber(world);
  Client publisher(world, "publisher");
  publisher.publish("a/1", "x", {.alias = 2});
  publisher.publish("", "y", {.alias = 2});
  publisher.publish("a/2", "z", {.alias = 2});
  publisher.publish("", "w", {.alias = 2});
  EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a/1=x", "PUBLISH a/1=y", "PUBLISH a/2=z", "PUBLISH a/2=w"));
  publisher.publish("", "v", {.alias = 1});
  EXPECT_THAT(publisher.heard(), ElementsAre("DISCONNECT 0x94")) << "unknown";
  Client other(world, "other");
  other.publish("a/1", "x", {.alias = 3});
  EXPECT_THAT(other.heard(), ElementsAre("DISCONNECT 0x94")) << "above the maximum";
}

TEST(BrokerMessages, TopicsGetAliasesUpToTheClientsMaximum) {
  World world;
  Subscriber subscriber(world, {.alias_max = 1});
  for (const char* topic : {"a/1", "a/1", "a/2", "a/2"}) world.publish(topic, "x", Qos::at_most_once);
  EXPECT_THAT(subscriber.heard(),
              ElementsAre("PUBLISH a/1=x alias=1", "PUBLISH =x alias=1", "PUBLISH a/2=x", "PUBLISH a/2=x"));
}

TEST(BrokerMessages, WhatIsTooLargeForAClientIsLeftOutAndItsAliasIsNotGiven) {
  World world;
  Subscriber subscriber(world, {.alias_max = 5, .packet_bytes_max = 100});
  world.publish("a/1", std::string(200, 'x'));
  world.publish("a/1", "x");
  EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a/1=x q1 #2 alias=1"));
  subscriber.acknowledge(PacketType::puback, 2);
  EXPECT_EQ(world.traffic.too_large, 1u);
  EXPECT_EQ(world.broker->counts().queued_bytes, 0u);
}

TEST(BrokerMessages, TheClientsMaximumPacketSizeHoldsExactly) {
  World world;
  Subscriber subscriber(world, {.packet_bytes_max = 100});
  // Two bytes of header, five of topic, one of properties.
  world.publish("a/1", std::string(92, 'x'), Qos::at_most_once);
  EXPECT_EQ(subscriber.heard().size(), 1u);
  world.publish("a/1", std::string(93, 'x'), Qos::at_most_once);
  EXPECT_THAT(subscriber.heard(), IsEmpty());
}

TEST(BrokerMessages, AMessageThatWaitsTellsWhatIsLeftOfItsTimeAndThenIsDropped) {
  World world;
  const ConnectWith keeping{.clean_start = false, .expiry_s = 1'000};
  { Subscriber subscriber(world, keeping); }
  Client publisher(world, "publisher");
  publisher.publish("a/1", "x", {.qos = Qos::at_least_once, .packet_id = 1, .expiry_s = 10});
  publisher.publish("a/1", "y", {.qos = Qos::at_least_once, .packet_id = 2, .expiry_s = 11});
  world.commit();
  world.pass(seconds(10));
  Client subscriber(world, "subscriber", keeping);
  EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a/1=y q1 #2 expiry=1"));
  EXPECT_EQ(world.broker->statistics().dropped_expired, 1u);
}

TEST(BrokerMessages, RetainedMessagesAreSetReplacedAndDeleted) {
  World world;
  world.publish("a/1", "old", Qos::at_least_once, true);
  world.publish("a/1", "new", Qos::at_least_once, true);
  world.publish("a/2", "gone", Qos::at_least_once, true);
  world.publish("a/2", "", Qos::at_least_once, true);
  world.commit();
  for (const bool crash : {false, true}) {
    if (crash) world.crash();
    Client subscriber(world, "subscriber");
    subscriber.subscribe("a/+", {Qos::at_most_once});
    EXPECT_THAT(subscriber.heard(), ElementsAre("SUBACK 1 00", "PUBLISH a/1=new retain"));
    EXPECT_EQ(world.broker->counts().retained, 1u);
    EXPECT_EQ(world.store->durable_records().size(), 1u);
  }
  world.publish("a/1", "", Qos::at_most_once, true);
  world.commit();
  EXPECT_THAT(world.store->durable_records(), IsEmpty());
  EXPECT_EQ(world.broker->counts().retained_bytes, 0u);
}

TEST(BrokerMessages, RetainHandlingSaysWhenRetainedMessagesCome) {
  World world;
  world.publish("a", "x", Qos::at_most_once, true);
  for (const auto& [handling, first, second] :
       {std::tuple{RetainHandling::send, 2, 2}, std::tuple{RetainHandling::send_if_new, 2, 1},
        std::tuple{RetainHandling::do_not_send, 1, 1}}) {
    Client subscriber(world, "subscriber");
    subscriber.subscribe("a", {Qos::at_most_once, false, false, handling});
    EXPECT_EQ(subscriber.heard().size(), static_cast<std::size_t>(first));
    subscriber.subscribe("a", {Qos::at_most_once, false, false, handling});
    EXPECT_EQ(subscriber.heard().size(), static_cast<std::size_t>(second));
  }
  Client shared(world, "shared");
  shared.subscribe("$share/g/a");
  EXPECT_THAT(shared.heard(), ElementsAre("SUBACK 1 02")) << "never to a shared one";
}

TEST(BrokerMessages, RetainAsPublishedKeepsTheFlag) {
  World world;
  Client as_published(world, "1"), plain(world, "2");
  as_published.subscribe("a", {Qos::at_most_once, false, true});
  plain.subscribe("a", {Qos::at_most_once, false, false});
  as_published.heard();
  plain.heard();
  world.publish("a", "x", Qos::at_most_once, true);
  EXPECT_THAT(as_published.heard(), ElementsAre("PUBLISH a=x retain"));
  EXPECT_THAT(plain.heard(), ElementsAre("PUBLISH a=x"));
}

TEST(BrokerMessages, RetainedMessagesHaveALimitThatReplacingKeepsTo) {
  World world;
  world.limits.retained_messages_max = 2;
  world.open();
  Client publisher(world, "publisher");
  const auto retain = [&](const char* topic, const char* payload) {
    publisher.publish(topic, payload, {.qos = Qos::at_least_once, .retain = true});
    world.commit();
    const auto lines = publisher.heard();
    return lines.empty() ? std::string() : lines.front();
  };
  EXPECT_EQ(retain("1", "x"), "PUBACK 1 0x10");
  EXPECT_EQ(retain("2", "x"), "PUBACK 1 0x10");
  EXPECT_EQ(retain("3", "x"), "PUBACK 1 0x97");
  EXPECT_EQ(retain("2", "y"), "PUBACK 1 0x10");
  EXPECT_EQ(retain("1", ""), "PUBACK 1 0x10");
  EXPECT_EQ(retain("3", "x"), "PUBACK 1 0x10");
  EXPECT_EQ(world.broker->counts().retained, 2u);
}

TEST(BrokerMessages, NoLocalIsNotWhatTheClientSentItself) {
  World world;
  Client client(world, "client");
  client.subscribe("a", {Qos::at_most_once, true});
  client.subscribe("b");
  client.heard();
  client.publish("a", "mine");
  client.publish("b", "mine");
  world.publish("a", "yours", Qos::at_most_once);
  EXPECT_THAT(client.heard(), ElementsAre("PUBLISH b=mine", "PUBLISH a=yours"));
}

TEST(BrokerMessages, OverlappingSubscriptionsGiveOneMessageOfTheHighestQosWithAllIdentifiers) {
  World world;
  Client client(world, "client");
  client.subscribe("a/#", {Qos::at_most_once}, 7);
  client.subscribe("a/+", {Qos::at_least_once}, 8);
  client.subscribe("#", {Qos::at_most_once});
  client.heard();
  world.publish("a/b", "x", Qos::exactly_once);
  EXPECT_THAT(client.heard(), ElementsAre("PUBLISH a/b=x q1 #1 ids=7,8"));
}

TEST(BrokerMessages, SharedSubscriptionsTakeTurnsAndPassOverWhoIsAway) {
  World world;
  const ConnectWith keeping{.clean_start = false, .expiry_s = 100};
  Client one(world, "1", keeping), two(world, "2", keeping);
  for (Peer* member : {static_cast<Peer*>(&one), static_cast<Peer*>(&two)}) {
    member->subscribe("$share/g/a");
    world.commit();
    member->heard();
  }
  const auto publish = [&](int count) {
    for (int i = 0; i < count; ++i) world.publish("a", "x");
    world.commit();
  };
  publish(4);
  EXPECT_EQ(one.drain().size(), 2u);
  EXPECT_EQ(two.drain().size(), 2u);
  two.lose();
  publish(3);
  EXPECT_EQ(one.drain().size(), 3u);
  one.unsubscribe("$share/g/a");
  publish(2);
  EXPECT_EQ(one.drain().size(), 0u);
  Client back(world, "2", keeping);
  EXPECT_EQ(back.drain().size(), 2u) << "who is away gets it later when nobody is there";
}

TEST(BrokerMessages, WhatAMemberOfAGroupLeavesUnfinishedGoesToAnother) {
  for (const std::uint32_t expiry_s : {0u, 100u}) {
    SCOPED_TRACE(expiry_s);
    World world;
    Client one(world, "1", {.clean_start = expiry_s == 0, .expiry_s = expiry_s, .receive_max = 2});
    one.subscribe("$share/g/a", {Qos::at_least_once});
    world.commit();
    one.heard();
    for (const char* payload : {"x", "y", "z"}) world.publish("a", payload);
    world.commit();
    EXPECT_THAT(one.heard(), ElementsAre("PUBLISH a=x q1 #1", "PUBLISH a=y q1 #2"));
    one.acknowledge(PacketType::puback, 1);
    Client two(world, "2");
    two.subscribe("$share/g/a", {Qos::at_least_once});
    world.commit();
    EXPECT_THAT(two.heard(), ElementsAre("SUBACK 1 01"));
    one.lose();
    world.pass(seconds(101));
    world.broker->tick(world.now);
    world.commit();
    EXPECT_THAT(two.drain(), ElementsAre("y", "z"));
    EXPECT_EQ(world.broker->counts().queued_bytes, 0u);
    EXPECT_EQ(world.store->durable_records().size(), 0u) << "nothing is left of the session";
  }
}

TEST(BrokerMessages, WhatMayHaveArrivedAtQos2GoesToNobodyElse) {
  World world;
  Client one(world, "1", {.receive_max = 1}), two(world, "2");
  one.subscribe("$share/g/a");
  one.heard();
  for (const char* payload : {"x", "y"}) world.publish("a", payload, Qos::exactly_once);
  EXPECT_THAT(one.heard(), ElementsAre("PUBLISH a=x q2 #1"));
  two.subscribe("$share/g/a");
  two.heard();
  one.lose();
  EXPECT_THAT(two.drain(), ElementsAre("y")) << "which was never sent";
}

TEST(BrokerMessages, AnExpiredRetainedMessageIsForgottenWhenItIsAskedFor) {
  World world;
  Client client(world, "client");
  client.publish("a/b", "x", {.qos = Qos::at_least_once, .packet_id = 1, .retain = true, .expiry_s = 5});
  world.commit();
  client.heard();
  world.pass(seconds(6));
  EXPECT_EQ(world.broker->counts().retained, 1u);
  client.subscribe("a/#");
  world.commit();
  EXPECT_THAT(client.heard(), ElementsAre("SUBACK 1 02"));
  EXPECT_EQ(world.broker->counts().retained, 0u);
  EXPECT_EQ(world.store->durable_records().size(), 0u);
}

TEST(BrokerMessages, AGroupIsOneOwnersWhateverOthersCallTheirs) {
  World world;
  Peer one(world, "one", {Owner::Kind::consumer, 1}), again(world, "again", {Owner::Kind::consumer, 1});
  Peer two(world, "two", {Owner::Kind::consumer, 2});
  for (Peer* member : {&one, &again, &two}) {
    member->connect({.clean_start = false, .expiry_s = 100});
    member->subscribe("$share/g/a");
    world.commit();
    member->heard();
  }
  const auto publish = [&] {
    for (int i = 0; i < 4; ++i) world.publish("a", "x");
    world.commit();
  };
  publish();
  EXPECT_EQ(one.drain().size(), 2u);
  EXPECT_EQ(again.drain().size(), 2u);
  EXPECT_EQ(two.drain().size(), 4u);
  two.unsubscribe("$share/g/a");
  publish();
  EXPECT_EQ(one.drain().size(), 2u);
  EXPECT_EQ(again.drain().size(), 2u);
  EXPECT_EQ(two.drain().size(), 0u);

  for (Peer* member : {&one, &again, &two}) member->lose();
  world.commit();
  world.crash();
  Peer back(world, "one", {Owner::Kind::consumer, 1}), two_back(world, "two", {Owner::Kind::consumer, 2});
  for (Peer* member : {&back, &two_back}) EXPECT_EQ(member->connect({.clean_start = false}), "CONNACK 0x00 present");
  publish();
  EXPECT_EQ(back.drain().size(), 4u) << "it is the member that is there";
  EXPECT_EQ(two_back.drain().size(), 0u);
}

TEST(BrokerMessages, AGroupWhoseOwnerMayNotHaveAMessageGetsNone) {
  World world;
  Peer may(world, "may", {Owner::Kind::user, 1}), may_not(world, "may not", {Owner::Kind::user, 2});
  for (Peer* member : {&may_not, &may}) {
    member->connect();
    member->subscribe("$share/g/a");
    member->heard();
  }
  MessageParts parts;
  parts.topic = "a";
  parts.payload = "x";
  parts.arrived = world.now;
  for (int i = 0; i < 4; ++i) {
    world.broker->publish(parts, {}, world.now, [](const Owner& one) { return one.id == 1; });
  }
  EXPECT_EQ(may.heard().size(), 4u);
  EXPECT_THAT(may_not.heard(), IsEmpty());
}

TEST(BrokerMessages, TopicsThatAreNotTheClientsAreRefused) {
  World world;
  Client client(world, "client");
  client.publish("no/1", "x", {.qos = Qos::at_least_once, .packet_id = 1});
  client.publish("no/1", "x", {.qos = Qos::exactly_once, .packet_id = 2});
  client.subscribe("no/#");
  EXPECT_THAT(client.heard(), ElementsAre("PUBACK 1 0x87", "PUBREC 2 0x87", "SUBACK 1 87"));
  Client older(world, "older", {.version = Version::v3_1_1});
  older.publish("no/1", "x");
  EXPECT_TRUE(older.is_closed());
}

}  // namespace
}  // namespace iot::broker

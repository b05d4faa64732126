// How much the broker holds for a session, for one owner and in all; and what becomes of more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/testing/broker_world.h"

namespace iot::broker {
namespace {

using namespace testing;
using mqtt::Qos;
using ::testing::ElementsAre;

constexpr Owner owner{Owner::Kind::device, 1};

std::uint64_t reached(World& world, Limit limit) {
  return world.broker->statistics().limits_reached[static_cast<std::size_t>(limit)];
}

TEST(BrokerLimits, SubscriptionsHaveALimitThatReplacingKeepsTo) {
  World world;
  world.limits.subscriptions_per_session_max = 2;
  world.open();
  Client client(world, "client");
  for (const char* filter : {"1", "2", "3", "2"}) client.subscribe(filter);
  EXPECT_THAT(client.heard(), ElementsAre("SUBACK 1 02", "SUBACK 1 02", "SUBACK 1 97", "SUBACK 1 02"));
  client.unsubscribe("1");
  client.unsubscribe("1");
  client.subscribe("3");
  EXPECT_THAT(client.heard(), ElementsAre("UNSUBACK 2 00", "UNSUBACK 2 11", "SUBACK 1 02"));
}

TEST(BrokerLimits, AllSubscriptionsTogetherHaveALimit) {
  World world;
  world.limits.subscriptions_max = 3;
  world.open();
  Client one(world, "one"), two(world, "two");
  for (const char* filter : {"1", "2"}) one.subscribe(filter);
  for (const char* filter : {"1", "2"}) two.subscribe(filter);
  EXPECT_THAT(two.heard(), ElementsAre("SUBACK 1 02", "SUBACK 1 97"));
  EXPECT_EQ(reached(world, Limit::subscriptions), 1u);
  one.unsubscribe("1");
  two.subscribe("2");
  EXPECT_THAT(two.heard(), ElementsAre("SUBACK 1 02"));
}

TEST(BrokerLimits, RetainedMessagesHaveLimits) {
  World world;
  world.limits.retained_messages_per_root_max = 2;
  world.limits.retained_messages_max = 3;
  world.open();
  Client client(world, "client");
  const auto retain = [&](std::string_view topic, std::string_view payload = "x") {
    client.publish(topic, payload, {.qos = Qos::at_least_once, .packet_id = 1, .retain = true});
    world.commit();
    return client.heard();
  };
  for (const char* topic : {"1/a", "1/b"}) EXPECT_THAT(retain(topic), ElementsAre("PUBACK 1 0x10")) << topic;
  EXPECT_THAT(retain("1/c"), ElementsAre("PUBACK 1 0x97")) << "the first level has two";
  EXPECT_THAT(retain("1/b", "another"), ElementsAre("PUBACK 1 0x10")) << "in the place of the one before";
  EXPECT_THAT(retain("2/a"), ElementsAre("PUBACK 1 0x10"));
  EXPECT_THAT(retain("3/a"), ElementsAre("PUBACK 1 0x97")) << "there are three";
  EXPECT_THAT(retain("1/a", ""), ElementsAre("PUBACK 1 0x10"));
  EXPECT_THAT(retain("1/c"), ElementsAre("PUBACK 1 0x10"));
  EXPECT_EQ(reached(world, Limit::retained_messages_per_root), 1u);
  EXPECT_EQ(reached(world, Limit::retained_messages), 1u);

  world.limits.retained_messages_max = 1;
  client.lose();
  world.crash();
  EXPECT_EQ(world.broker->counts().retained, 1u) << "of lower limits";
  world.limits.retained_messages_max = 3;
  world.commit();
  world.crash();
  EXPECT_EQ(world.broker->counts().retained, 1u) << "the others are gone for good";
}

TEST(BrokerLimits, WhoHoardsDoesNotTakeTheRoomOfOthers) {
  World world;
  MessageParts parts;
  parts.topic = "a/b";
  parts.payload = "x";
  world.limits.queued_bytes_per_owner_max = 3 * Message(parts).memory_bytes();
  world.open();
  Subscriber one(world), again(world, {}, "again");
  Peer other(world, "other", {Owner::Kind::device, 2});
  other.connect();
  other.subscribe("#");
  other.heard();
  for (int i = 0; i < 3; ++i) world.publish("a/b", "x");
  EXPECT_EQ(one.drain().size() + again.drain().size(), 3u);
  EXPECT_EQ(other.drain().size(), 3u);
  EXPECT_EQ(reached(world, Limit::queued_bytes_per_owner), 3u);
  world.publish("a/b", "x");
  EXPECT_EQ(one.drain().size() + again.drain().size(), 2u) << "what was delivered leaves its room";
}

TEST(BrokerLimits, QueuesHaveLimitsAndWhatIsDroppedIsCounted) {
  const std::size_t bytes = [] {
    MessageParts parts;
    parts.topic = "a/b";
    parts.payload = "x";
    return Message(parts).memory_bytes();
  }();
  enum Limit { count, own_bytes, all_bytes };
  for (const Limit limit : {count, own_bytes, all_bytes}) {
    SCOPED_TRACE(limit);
    World world;
    if (limit == count) world.limits.queue.messages_max = 3;
    if (limit == own_bytes) world.limits.queue.bytes_max = 3 * bytes;
    if (limit == all_bytes) world.limits.queued_bytes_max = 3 * bytes;
    world.open();
    Subscriber subscriber(world);
    for (int i = 0; i < 5; ++i) world.publish("a/b", "x");
    EXPECT_EQ(world.broker->statistics().dropped_full, 2u);
    EXPECT_EQ(world.broker->sessions(owner).front().dropped_full, 2u);
    EXPECT_EQ(world.broker->counts().queued_bytes, 3 * bytes);
    EXPECT_EQ(subscriber.drain().size(), 3u);
    EXPECT_EQ(world.broker->counts().queued_bytes, 0u);
    world.publish("a/b", "x");
    EXPECT_EQ(subscriber.drain().size(), 1u);
  }
}

}  // namespace
}  // namespace iot::broker

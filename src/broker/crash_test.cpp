// Messages of QoS 1 and 2 over a crash after each single write that has reached the disk.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/testing/broker_world.h"

namespace iot::broker {
namespace {

using namespace testing;
using mqtt::PacketType;
using mqtt::Qos;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ConnectWith keeping{.clean_start = false, .expiry_s = 3'600};

bool has(const Peer::Lines& lines, std::string_view line) {
  return std::ranges::find(lines, line) != lines.end();
}

/// A publisher that keeps its state as the standard says: sends again what was not answered.
struct Publisher {
  static constexpr std::uint16_t packet_id = 9;
  bool sent = false, received = false, completed = false;

  void step(Peer& peer) {
    if (completed) return;
    if (received) {
      peer.acknowledge(PacketType::pubrel, packet_id);
    } else {
      peer.publish("a/b", "once", {.qos = Qos::exactly_once, .packet_id = packet_id, .duplicate = sent});
      sent = true;
    }
  }
  void hear(Peer& peer) {
    const auto lines = peer.heard();
    if (has(lines, "PUBREC 9") && !received) {
      received = true;
      step(peer);
    }
    if (received && has(lines, "PUBCOMP 9")) completed = true;
  }
};

/// Publishes one message of QoS 2 to one subscriber while the broker crashes after `writes` durable ones; how often the
/// subscriber has it. `crashed` says whether there were as many.
int deliveries_over_a_crash(int writes, bool& crashed) {
  World world;
  Publisher publisher;
  std::vector<std::uint16_t> held;
  int delivered = 0;
  {
    Peer subscriber(world, "subscriber");
    subscriber.connect(keeping);
    subscriber.subscribe("a/#");
    world.commit();
  }
  crashed = false;
  int left = writes;
  for (int life = 0; life < 2; ++life) {
    Peer sender(world, "publisher");
    Peer subscriber(world, "subscriber");
    subscriber.held = held;
    sender.connect(keeping);
    subscriber.connect(keeping);
    publisher.step(sender);
    for (int idle = 0; idle < 8; ++idle) {
      publisher.hear(sender);
      const auto got = subscriber.drain();
      delivered += static_cast<int>(std::ranges::count(got, "once"));
      if (world.store->pending() == 0) continue;
      idle = 0;
      if (life == 0 && left == 0) {
        crashed = true;
        break;
      }
      world.commit(1);
      --left;
    }
    held = subscriber.held;
    if (!crashed) {
      EXPECT_TRUE(publisher.completed);
      EXPECT_THAT(held, IsEmpty());
      break;
    }
    if (life > 0) {
      EXPECT_TRUE(publisher.completed);
      EXPECT_THAT(held, IsEmpty());
      EXPECT_EQ(world.broker->counts().queued_bytes, 0u);
      break;
    }
    // The connections end with the broker: what their ends would write is not to reach the disk.
    sender.lose();
    subscriber.lose();
    world.crash();
  }
  return delivered;
}

TEST(BrokerCrash, QoS2ComesExactlyOnceWhereverTheCrashIs) {
  bool crashed = true;
  int writes = 0;
  for (; crashed; ++writes) EXPECT_EQ(deliveries_over_a_crash(writes, crashed), 1) << "after write " << writes;
  EXPECT_GT(writes, 6) << "there should be a write for each of the steps";
}

TEST(BrokerCrash, NothingIsAcknowledgedBeforeItIsDurable) {
  World world;
  Peer subscriber(world, "subscriber");
  EXPECT_EQ(subscriber.connect(keeping), "CONNACK 0x00");
  world.commit();
  subscriber.subscribe("a/#");
  EXPECT_THAT(subscriber.heard(), IsEmpty());
  world.commit();
  EXPECT_THAT(subscriber.heard(), ElementsAre("SUBACK 1 02"));

  Peer sender(world, "publisher");
  sender.connect(keeping);
  world.commit();
  sender.publish("a/1", "one", {.qos = Qos::at_least_once, .packet_id = 1});
  EXPECT_THAT(sender.heard(), IsEmpty());
  EXPECT_THAT(subscriber.heard(), IsEmpty()) << "a message that might be forgotten has no packet id yet";
  world.commit();
  EXPECT_THAT(sender.heard(), ElementsAre("PUBACK 1"));
  EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a/1=one q1 #1"));

  sender.publish("a/2", "two", {.qos = Qos::exactly_once, .packet_id = 2});
  EXPECT_THAT(sender.heard(), IsEmpty());
  world.commit();
  EXPECT_THAT(sender.heard(), ElementsAre("PUBREC 2"));
  sender.acknowledge(PacketType::pubrel, 2);
  EXPECT_THAT(sender.heard(), IsEmpty());
  world.commit();
  EXPECT_THAT(sender.heard(), ElementsAre("PUBCOMP 2"));
  EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a/2=two q2 #2"));
  subscriber.acknowledge(PacketType::pubrec, 2);
  EXPECT_THAT(subscriber.heard(), IsEmpty()) << "PUBREL lets the client forget the id";
  world.commit();
  EXPECT_THAT(subscriber.heard(), ElementsAre("PUBREL 2"));
}

TEST(BrokerCrash, ARepeatedPublicationWaitsForTheDiskToo) {
  World world;
  {
    Peer first(world, "publisher");
    first.connect(keeping);
    world.commit();
    first.publish("a", "one", {.qos = Qos::exactly_once, .packet_id = 4});
  }
  Peer again(world, "publisher");
  EXPECT_EQ(again.connect(keeping), "CONNACK 0x00 present");
  again.publish("a", "one", {.qos = Qos::exactly_once, .packet_id = 4, .duplicate = true});
  EXPECT_THAT(again.heard(), IsEmpty());
  world.commit();
  EXPECT_THAT(again.heard(), ElementsAre("PUBREC 4"));
}

TEST(BrokerCrash, ARepeatedReleaseWaitsForTheDiskToo) {
  World world;
  {
    Peer first(world, "publisher");
    first.connect(keeping);
    first.publish("a", "one", {.qos = Qos::exactly_once, .packet_id = 4});
    world.commit();
    first.acknowledge(PacketType::pubrel, 4);
  }
  Peer again(world, "publisher");
  again.connect(keeping);
  again.acknowledge(PacketType::pubrel, 4);
  EXPECT_THAT(again.heard(), IsEmpty()) << "else a crash would leave the old publication under an id that is free";
  world.commit();
  EXPECT_THAT(again.heard(), ElementsAre("PUBCOMP 4"));
}

TEST(BrokerCrash, AnUnsubscriptionThatIsRepeatedWaitsForTheDiskToo) {
  World world;
  {
    Peer first(world, "client");
    first.connect(keeping);
    first.subscribe("a");
    world.commit();
    first.unsubscribe("a");
  }
  Peer again(world, "client");
  again.connect(keeping);
  again.unsubscribe("a");
  EXPECT_THAT(again.heard(), IsEmpty());
  world.commit();
  EXPECT_THAT(again.heard(), ElementsAre("UNSUBACK 2 11"));
}

TEST(BrokerCrash, WhatMayHaveBeenSentIsADuplicateAfterTwoCrashesToo) {
  World world;
  {
    Peer subscriber(world, "subscriber");
    subscriber.connect(keeping);
    subscriber.subscribe("a");
    for (const char* payload : {"1", "2", "3"}) world.publish("a", payload);
    world.commit();
    subscriber.heard();
    subscriber.lose();
    world.crash();
  }
  {
    Peer subscriber(world, "subscriber");
    subscriber.connect({.clean_start = false, .expiry_s = 3'600, .receive_max = 1});
    EXPECT_THAT(subscriber.heard(), ElementsAre("PUBLISH a=1 q1 #1 dup"));
    subscriber.lose();
    world.commit();
    world.crash();
  }
  Peer subscriber(world, "subscriber");
  EXPECT_EQ(subscriber.connect(keeping), "CONNACK 0x00 present");
  EXPECT_THAT(subscriber.heard(),
              ElementsAre("PUBLISH a=1 q1 #1 dup", "PUBLISH a=2 q1 #2 dup", "PUBLISH a=3 q1 #3 dup"));
}

TEST(BrokerCrash, WillAndSessionExpiryGoOnFromTheLastThatIsKnown) {
  World world;
  Peer watcher(world, "watcher");
  watcher.connect(keeping);
  watcher.subscribe("will");
  {
    Peer client(world, "client");
    client.connect({.clean_start = false, .expiry_s = 100, .will_topic = "will", .will_delay_s = 10});
    world.commit();
    client.lose();
    watcher.lose();
    world.crash();
  }
  Peer again(world, "watcher");
  again.connect(keeping);
  world.pass(std::chrono::milliseconds(9'999));
  world.commit();
  EXPECT_THAT(again.heard(), IsEmpty());
  world.pass(std::chrono::milliseconds(1));
  world.commit();
  EXPECT_THAT(again.heard(), ElementsAre("PUBLISH will=gone q1 #1"));
  EXPECT_EQ(world.broker->counts().sessions, 2u);
  world.pass(std::chrono::seconds(90));
  EXPECT_EQ(world.broker->counts().sessions, 1u);
}

TEST(BrokerCrash, AWillIsPublishedOnceWhereverTheCrashIs) {
  for (std::size_t writes = 0; writes < 3; ++writes) {
    SCOPED_TRACE(writes);
    World world;
    {
      Peer watcher(world, "watcher");
      watcher.connect(keeping);
      watcher.subscribe("will");
      Peer client(world, "client");
      client.connect({.clean_start = false, .expiry_s = 100, .will_topic = "will"});
      world.commit();
      client.lose();
      world.commit(writes);
      watcher.lose();
      world.crash();
    }
    world.pass(std::chrono::seconds(1));
    world.commit();
    Peer watcher(world, "watcher");
    watcher.connect(keeping);
    world.commit();
    EXPECT_THAT(watcher.drain(), ElementsAre("gone"));
    EXPECT_EQ(world.broker->sessions({Owner::Kind::device, 1}).size(), 2u);
  }
}

void publish_live_from(World& world, int begin) {
  for (int number = begin; number <= 5; ++number) {
    const std::string payload = std::to_string(number);
    MessageParts parts;
    parts.topic = "readings/a";
    parts.payload = payload;
    parts.qos = Qos::at_least_once;
    parts.arrived = world.now;
    world.broker->publish_live(parts, static_cast<std::uint64_t>(number), payload, world.now, {});
  }
}

TEST(BrokerCrash, LiveReadingsAreNeitherLostNorDoubledWhereverTheCrashIs) {
  for (std::size_t writes = 0; writes <= 5; ++writes) {
    SCOPED_TRACE(writes);
    World world;
    {
      Peer subscriber(world, "subscriber");
      subscriber.connect(keeping);
      subscriber.subscribe("readings/#");
    }
    world.commit();
    publish_live_from(world, 1);
    world.commit(writes);
    world.crash();
    const std::string bookmark = world.broker->bookmark();
    EXPECT_EQ(bookmark, writes == 0 ? "" : std::to_string(writes));
    publish_live_from(world, bookmark.empty() ? 1 : std::stoi(bookmark) + 1);
    world.commit();
    Peer subscriber(world, "subscriber");
    subscriber.connect(keeping);
    EXPECT_THAT(subscriber.drain(), ElementsAre("1", "2", "3", "4", "5"));
  }
}

TEST(BrokerCrash, ALiveSubscriptionTakesNothingFromBeforeIt) {
  World world;
  std::uint64_t last = 2;
  world.broker->set_last_record([&] { return last; });
  {
    Peer early(world, "early"), late(world, "late");
    early.connect(keeping);
    early.subscribe("readings/#");
    last = 4;
    late.connect(keeping);
    late.subscribe("readings/#");
    // What is on its way to a subscription comes though it is made again.
    early.subscribe("readings/#");
    world.commit();
    early.drain();
    publish_live_from(world, 1);
  }
  // None of that was durable: the platform goes on where the first subscription begins.
  world.crash();
  EXPECT_EQ(world.broker->live_subscriptions(), 2u);
  EXPECT_EQ(world.broker->live_since(), 2u);
  publish_live_from(world, 1);
  world.commit();
  Peer early(world, "early"), late(world, "late");
  early.connect(keeping);
  late.connect(keeping);
  EXPECT_THAT(early.drain(), ElementsAre("3", "4", "5"));
  EXPECT_THAT(late.drain(), ElementsAre("5"));
}

TEST(BrokerCrash, AMemberOfAGroupTakesNoReadingFromBeforeItWasOne) {
  World world;
  std::uint64_t last = 0;
  world.broker->set_last_record([&] { return last; });
  Peer early(world, "early"), late(world, "late");
  early.connect(keeping);
  early.subscribe("$share/g/readings/#");
  last = 4;
  late.connect(keeping);
  late.subscribe("$share/g/readings/#");
  world.commit();
  publish_live_from(world, 1);
  world.commit();
  const auto of_early = early.drain();
  const auto of_late = late.drain();
  EXPECT_EQ(of_early.size() + of_late.size(), 5u);
  EXPECT_LE(of_late.size(), 1u);
}

}  // namespace
}  // namespace iot::broker

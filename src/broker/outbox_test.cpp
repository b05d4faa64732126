#include "broker/outbox.h"

#include <gtest/gtest.h>

namespace iot::broker {
namespace {

using enum Outbox::Acknowledged::Result;
using mqtt::PacketType;
using mqtt::Qos;

constexpr std::uint64_t all_durable = ~std::uint64_t{0};

MessagePtr message(std::string_view payload = "x") {
  MessageParts parts;
  parts.topic = "t";
  parts.payload = payload;
  return std::make_shared<Message>(parts);
}

Outgoing outgoing(Qos qos, std::string_view payload = "x") {
  Outgoing made;
  made.message = message(payload);
  made.qos = qos;
  return made;
}

/// Sends what may go now; as text: "1" is packet id 1, "1d" a duplicate, "1r" a PUBREL, "-" a message of QoS 0.
std::string send(Outbox& outbox, std::size_t window = 100, std::uint64_t durable = all_durable) {
  std::string sent;
  while (const auto next = outbox.next(durable, window)) {
    if (!sent.empty()) sent += ' ';
    sent += next->is_kept() ? std::to_string(packet_id_of(next->outgoing->number)) : "-";
    if (next->duplicate) sent += 'd';
    if (next->kind == Outbox::Next::Kind::release) sent += 'r';
    outbox.sent(*next);
  }
  return sent;
}

void puback(Outbox& outbox, std::uint16_t packet_id) {
  EXPECT_EQ(outbox.acknowledge(PacketType::puback, packet_id, false).result, finished) << packet_id;
}

TEST(Outbox, SendsInOrderAndNumbersOnlyWhatIsAcknowledged) {
  Outbox outbox;
  EXPECT_EQ(outbox.put(outgoing(Qos::at_least_once)), 1u);
  EXPECT_EQ(outbox.put(outgoing(Qos::at_most_once)), 0u);
  EXPECT_EQ(outbox.put(outgoing(Qos::exactly_once)), 2u);
  EXPECT_EQ(send(outbox), "1 2 -");
  EXPECT_EQ(outbox.messages(), 2u);
}

TEST(Outbox, LeavesNoMoreUnacknowledgedThanTheWindow) {
  Outbox outbox;
  for (int i = 0; i < 5; ++i) outbox.put(outgoing(Qos::at_least_once));
  EXPECT_EQ(send(outbox, 2), "1 2");
  EXPECT_EQ(outbox.in_flight(), 2u);
  puback(outbox, 2);
  EXPECT_EQ(send(outbox, 2), "3");
  puback(outbox, 1);
  puback(outbox, 3);
  EXPECT_EQ(send(outbox, 2), "4 5");
}

TEST(Outbox, WaitsForTheStoreWithoutOvertaking) {
  Outbox outbox;
  Outgoing first = outgoing(Qos::at_least_once);
  first.commit = 7;
  outbox.put(std::move(first));
  outbox.put(outgoing(Qos::at_least_once));
  EXPECT_EQ(send(outbox, 10, 6), "");
  EXPECT_EQ(send(outbox, 10, 7), "1 2");
}

TEST(Outbox, SendsAgainAsDuplicatesInTheSameOrderAfterAReset) {
  Outbox outbox;
  for (int i = 0; i < 4; ++i) outbox.put(outgoing(Qos::exactly_once));
  EXPECT_EQ(send(outbox, 3), "1 2 3");
  EXPECT_EQ(outbox.acknowledge(PacketType::pubrec, 1, false).result, released);
  EXPECT_EQ(outbox.acknowledge(PacketType::pubrec, 2, true).result, finished);
  outbox.put(outgoing(Qos::at_most_once));
  EXPECT_EQ(outbox.reset(), 1u);
  EXPECT_EQ(outbox.in_flight(), 0u);
  EXPECT_EQ(send(outbox), "1r 3d 4");
}

TEST(Outbox, RefusesAcknowledgementsThatDoNotBelongToTheMessage) {
  Outbox outbox;
  outbox.put(outgoing(Qos::at_least_once));
  outbox.put(outgoing(Qos::exactly_once));
  EXPECT_EQ(outbox.acknowledge(PacketType::puback, 1, false).result, unknown) << "not sent yet";
  send(outbox);
  EXPECT_EQ(outbox.acknowledge(PacketType::pubrec, 1, false).result, wrong);
  EXPECT_EQ(outbox.acknowledge(PacketType::pubcomp, 1, false).result, wrong);
  EXPECT_EQ(outbox.acknowledge(PacketType::puback, 2, false).result, wrong);
  EXPECT_EQ(outbox.acknowledge(PacketType::pubcomp, 2, false).result, wrong) << "before PUBREC";
  EXPECT_EQ(outbox.acknowledge(PacketType::puback, 3, false).result, unknown);
  EXPECT_EQ(outbox.acknowledge(PacketType::puback, 0, false).result, unknown);
  puback(outbox, 1);
  EXPECT_EQ(outbox.acknowledge(PacketType::puback, 1, false).result, unknown) << "twice";
}

TEST(Outbox, AcknowledgementsOutOfOrderLeaveHolesThatAreNotSentAgain) {
  Outbox outbox;
  for (int i = 0; i < 6; ++i) outbox.put(outgoing(Qos::at_least_once));
  send(outbox);
  for (const std::uint16_t id : {2, 3, 5, 6}) puback(outbox, id);
  outbox.reset();
  EXPECT_EQ(send(outbox), "1d 4d");
  puback(outbox, 4);
  puback(outbox, 1);
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.bytes(), 0u);
  EXPECT_EQ(outbox.messages(), 0u);
}

TEST(Outbox, DropsWhatIsNextInsteadOfSendingIt) {
  Outbox outbox;
  outbox.put(outgoing(Qos::at_least_once, "old"));
  outbox.put(outgoing(Qos::at_least_once, "new"));
  EXPECT_EQ(outbox.drop(*outbox.next(0, 10)).message->payload(), "old");
  EXPECT_EQ(send(outbox), "2");
}

TEST(Outbox, PacketIdsGoOverTheWrapWithoutZeroAndWithoutMeetingThemselves) {
  Outbox outbox;
  outbox.continue_from(65'534);
  for (int i = 0; i < 4; ++i) outbox.put(outgoing(Qos::at_least_once));
  EXPECT_EQ(send(outbox), "65534 65535 1 2");
  puback(outbox, 1);
  puback(outbox, 65'534);
  puback(outbox, 2);
  puback(outbox, 65'535);
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, NeverHasTwoMessagesWithOnePacketId) {
  const Outbox::Limits limits{1'000'000, 1u << 30};
  Outbox outbox;
  outbox.put(outgoing(Qos::at_least_once));
  send(outbox);
  // The first is never acknowledged, all others are at once.
  std::size_t others = 0;
  while (outbox.has_room(limits, 1)) {
    outbox.put(outgoing(Qos::at_least_once));
    const std::string id = send(outbox);
    ASSERT_NE(id, "1");
    puback(outbox, static_cast<std::uint16_t>(std::stoi(id)));
    ASSERT_LT(++others, 70'000u);
  }
  EXPECT_EQ(others, 65'534u);
}

TEST(Outbox, NeverHasTwoMessagesWithOnePacketIdAfterAStartEither) {
  const Outbox::Limits limits{1'000'000, 1u << 30};
  Outbox outbox;
  outbox.continue_from(65'535);
  Outgoing first = outgoing(Qos::at_least_once);
  first.number = 1;
  outbox.restore(std::move(first), false);
  outbox.assume_all_sent();
  EXPECT_TRUE(outbox.has_room(limits, 1));
  outbox.put(outgoing(Qos::at_least_once));
  EXPECT_FALSE(outbox.has_room(limits, 1)) << "the next would have packet id 1";
}

TEST(Outbox, HasRoomUpToItsLimitsAndNotAbove) {
  Outbox outbox;
  const std::size_t bytes = message()->memory_bytes();
  EXPECT_TRUE(outbox.has_room({1, bytes}, bytes));
  EXPECT_FALSE(outbox.has_room({1, bytes}, bytes + 1));
  EXPECT_FALSE(outbox.has_room({0, bytes}, bytes));
  outbox.put(outgoing(Qos::at_most_once));
  EXPECT_FALSE(outbox.has_room({1, 1u << 20}, bytes));
  EXPECT_TRUE(outbox.has_room({2, 2 * bytes}, bytes));
  EXPECT_FALSE(outbox.has_room({2, 2 * bytes - 1}, bytes));
}

TEST(Outbox, RestoresWithTheSameIdsAndSaysWhichMayHaveBeenSent) {
  Outbox outbox;
  outbox.continue_from(9);
  outbox.set_sent_through(4);
  for (const std::uint64_t number : {2, 4, 7}) {
    Outgoing one = outgoing(Qos::exactly_once);
    one.number = number;
    outbox.restore(std::move(one), number == 2);
  }
  outbox.put(outgoing(Qos::at_least_once));
  EXPECT_EQ(send(outbox), "2r 4d 7 9");
}

TEST(Outbox, WithoutKnowingWhatWasSentAllOfItIsSentAsDuplicates) {
  Outbox outbox;
  for (const std::uint64_t number : {2, 4, 7}) {
    Outgoing one = outgoing(Qos::at_least_once);
    one.number = number;
    outbox.restore(std::move(one), false);
  }
  outbox.assume_all_sent();
  EXPECT_EQ(outbox.sent_through(), 7u);
  outbox.put(outgoing(Qos::at_least_once));
  // The session's record says so also after some of them have been sent again.
  EXPECT_EQ(send(outbox, 1), "2d");
  EXPECT_EQ(outbox.sent_through(), 7u);
  EXPECT_EQ(send(outbox), "4d 7d 8");
}

TEST(Outbox, ForgetsWhatEndsWithTheConnection) {
  Outbox outbox;
  for (int i = 0; i < 3; ++i) {
    Outgoing one = outgoing(Qos::at_least_once);
    one.ends_with_connection = i != 1;
    outbox.put(std::move(one));
  }
  send(outbox, 1);
  outbox.reset();
  EXPECT_EQ(send(outbox), "2");
  EXPECT_EQ(outbox.messages(), 1u);
  puback(outbox, 2);
  EXPECT_EQ(outbox.bytes(), 0u);
}

}  // namespace
}  // namespace iot::broker

#include "broker/ack_queue.h"

#include <gtest/gtest.h>

namespace iot::broker {
namespace {

using mqtt::PacketType;
using mqtt::ReasonCode;

AckQueue::Entry entry(std::uint16_t packet_id, BatchNumber batch = 0, std::uint64_t commit = 0,
                      PacketType type = PacketType::puback) {
  AckQueue::Entry made;
  made.type = type;
  made.packet_id = packet_id;
  made.batch = batch;
  made.commit = commit;
  return made;
}

std::string due(AckQueue& queue, std::uint64_t durable) {
  std::string ids;
  while (const auto* first = queue.due(durable)) {
    ids += std::to_string(first->packet_id) + " ";
    queue.pop();
  }
  return ids;
}

void complete(AckQueue& queue, BatchNumber batch, ReasonCode reason = ReasonCode::success) {
  queue.complete(batch, reason, [](AckQueue::Entry&) {});
}

TEST(AckQueue, AnswersInTheOrderOfTheQuestionsWhateverIsReadyFirst) {
  AckQueue queue;
  queue.push(entry(1, 5));
  queue.push(entry(2));
  queue.push(entry(3, 4));
  queue.push(entry(4, 0, 9));
  EXPECT_EQ(due(queue, 8), "");
  complete(queue, 4);
  EXPECT_EQ(due(queue, 8), "");
  complete(queue, 5);
  EXPECT_EQ(due(queue, 8), "1 2 3 ");
  EXPECT_EQ(due(queue, 9), "4 ");
  EXPECT_TRUE(queue.empty());
}

TEST(AckQueue, ACompletedBatchTellsItsEntriesAloneAndTheyMayWaitOn) {
  AckQueue queue;
  queue.push(entry(1, 5));
  queue.push(entry(2, 6));
  int told = 0;
  queue.complete(5, ReasonCode::quota_exceeded, [&](AckQueue::Entry& one) {
    ++told;
    EXPECT_EQ(one.packet_id, 1);
    EXPECT_EQ(one.reason, ReasonCode::quota_exceeded);
    one.commit = 3;
  });
  EXPECT_EQ(told, 1);
  EXPECT_EQ(due(queue, 2), "");
  EXPECT_EQ(due(queue, 3), "1 ");
}

TEST(AckQueue, CountsPubacksAndSubacksUntilTheyHaveGone) {
  AckQueue queue;
  queue.push(entry(1));
  queue.push(entry(2, 0, 0, PacketType::suback));
  queue.push(entry(3, 0, 0, PacketType::pubrec));
  queue.push(entry(4, 0, 0, PacketType::unsuback));
  EXPECT_EQ(queue.pubacks(), 1u);
  EXPECT_EQ(queue.packets(), 2u);
  due(queue, 0);
  EXPECT_EQ(queue.pubacks() + queue.packets() + queue.size(), 0u);
}

TEST(AckQueue, KnowsWhatStillWaitsForItsBatch) {
  AckQueue queue;
  queue.push(entry(7, 5, 0, PacketType::pubcomp));
  EXPECT_TRUE(queue.awaits_batch(PacketType::pubcomp, 7));
  EXPECT_FALSE(queue.awaits_batch(PacketType::puback, 7));
  EXPECT_FALSE(queue.awaits_batch(PacketType::pubcomp, 8));
  complete(queue, 5);
  EXPECT_FALSE(queue.awaits_batch(PacketType::pubcomp, 7));
}

TEST(AckQueue, GrowsAndGivesItsMemoryBack) {
  AckQueue queue;
  for (int round = 0; round < 3; ++round) {
    for (std::uint16_t id = 1; id <= 1'000; ++id) queue.push(entry(id));
    for (std::uint16_t id = 1; id <= 1'000; ++id) {
      ASSERT_EQ(queue.due(0)->packet_id, id);
      queue.pop();
    }
    queue.release();
  }
}

}  // namespace
}  // namespace iot::broker

#include "net/websocket/websocket_transport.h"

#include <gmock/gmock.h>

#include "net/websocket/scripted_peer.h"

namespace iot::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class WebSocketTransportTest : public testing::Test {
 protected:
  void make(std::string received = {}, std::size_t message_bytes_max = 1'000'000) {
    transport_ = std::make_unique<WebSocketTransport>(std::make_unique<WireTransport>(wire_), received, "answer",
                                                      message_bytes_max);
  }
  /// All that can be received now; `last` is how it ended.
  std::string receive(IoOutcome::Kind last = IoOutcome::Kind::would_block, std::size_t piece = 7) {
    std::string all;
    while (true) {
      std::string space(piece, '\0');
      const IoOutcome outcome = transport_->receive(space);
      if (outcome.kind != IoOutcome::Kind::done) {
        EXPECT_EQ(outcome.kind, last);
        return all;
      }
      EXPECT_GT(outcome.bytes, 0u);
      all.append(space, 0, outcome.bytes);
    }
  }
  std::vector<std::string> heard() {
    std::string bytes = std::exchange(wire_->to_client, {});
    if (bytes.starts_with("answer")) bytes.erase(0, 6);
    return server_frames(bytes);
  }

  std::shared_ptr<Wire> wire_ = std::make_shared<Wire>();
  std::unique_ptr<WebSocketTransport> transport_;
};

TEST_F(WebSocketTransportTest, SendsTheAnswerAndReadsWhatCameBefore) {
  make(client_frame(0x82, "hel") + client_frame(0x82, "lo"));
  EXPECT_EQ(wire_->to_client, "answer");
  EXPECT_EQ(receive(), "hello");
}

TEST_F(WebSocketTransportTest, BytesAreCutIntoMessagesAnywhere) {
  make();
  const std::string bytes = client_frame(0x02, "ab") + client_frame(0x89, "?") + client_frame(0x80, "cd") +
                            client_frame(0x82, "") + client_frame(0x82, std::string(300, 'x'));
  std::string all;
  for (const char byte : bytes) {
    wire_->to_server += byte;
    all += receive();
  }
  EXPECT_EQ(all, "abcd" + std::string(300, 'x'));
  EXPECT_THAT(heard(), ElementsAre("pong:?"));
}

TEST_F(WebSocketTransportTest, WhatIsSentGoesInBinaryFrames) {
  make();
  EXPECT_EQ(transport_->send("one", "two").bytes, 6u);
  EXPECT_EQ(transport_->send("", "three").bytes, 5u);
  EXPECT_THAT(heard(), ElementsAre("binary:onetwo", "binary:three"));
}

TEST_F(WebSocketTransportTest, ASlowSocketGetsWholeFramesAndHoldsBackTheRest) {
  wire_->client_takes = 0;
  make();
  EXPECT_EQ(transport_->send("waits", {}).kind, IoOutcome::Kind::would_block) << "the answer is not out yet";
  wire_->client_takes = 10;
  std::string unsent(200'000, 'x');
  const IoOutcome taken = transport_->send(unsent, {});
  ASSERT_EQ(taken.kind, IoOutcome::Kind::done);
  EXPECT_LT(taken.bytes, unsent.size());
  unsent.erase(0, taken.bytes);
  EXPECT_EQ(transport_->send(unsent, {}).kind, IoOutcome::Kind::would_block);
  wire_->client_takes = 1'000'000;
  transport_->readiness({.writable = true});
  while (!unsent.empty()) unsent.erase(0, transport_->send(unsent, {}).bytes);
  std::size_t bytes = 0;
  for (const std::string& frame : heard()) bytes += frame.size() - std::string_view("binary:").size();
  EXPECT_EQ(bytes, 200'000u);
}

TEST_F(WebSocketTransportTest, AFrameThatDidNotGoOutGoesWithReadiness) {
  make();
  wire_->client_takes = 3;
  EXPECT_EQ(transport_->send("hello", {}).bytes, 5u);
  EXPECT_EQ(wire_->to_client.size(), 9u);
  wire_->client_takes = 100;
  transport_->readiness({.writable = true});
  EXPECT_THAT(heard(), ElementsAre("binary:hello"));
}

TEST_F(WebSocketTransportTest, TextIsRefused) {
  make(client_frame(0x82, "good") + client_frame(0x81, "bad") + client_frame(0x82, "more"));
  EXPECT_EQ(receive(IoOutcome::Kind::closed), "good");
  EXPECT_THAT(heard(), ElementsAre("close 1003:only binary messages carry this protocol"));
  EXPECT_EQ(transport_->send("late", {}).kind, IoOutcome::Kind::failed);
}

TEST_F(WebSocketTransportTest, FaultsAndLimitsCloseWithTheirCode) {
  make(client_frame(0x82, "12345678901"), 10);
  EXPECT_EQ(receive(IoOutcome::Kind::closed), "");
  EXPECT_THAT(heard(), ElementsAre("close 1009:the message is too large"));
}

TEST_F(WebSocketTransportTest, AClosedWebSocketIsTheEndOfTheBytes) {
  make(client_frame(0x82, "last") + client_close(1000));
  EXPECT_EQ(receive(IoOutcome::Kind::closed), "last");
  EXPECT_THAT(heard(), ElementsAre("close 1000:"));
}

TEST_F(WebSocketTransportTest, AVanishedPeerIsTheEndOfTheBytes) {
  make(client_frame(0x82, "last"));
  wire_->client_has_closed = true;
  EXPECT_EQ(receive(IoOutcome::Kind::closed), "last");
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(WebSocketTransportTest, FinishingSaysCloseAndThenEndsTheStream) {
  make();
  wire_->client_takes = 0;
  transport_->finish_sending();
  EXPECT_FALSE(wire_->server_has_finished);
  wire_->client_takes = 100;
  transport_->readiness({.writable = true});
  EXPECT_THAT(heard(), ElementsAre("close 1000:"));
  EXPECT_TRUE(wire_->server_has_finished);
}

TEST_F(WebSocketTransportTest, PayloadIsGivenOnAsItArrives) {
  make();
  const std::string half(100'000, 'x');
  wire_->to_server = client_frame(0x02, half) + client_frame(0x00, half).substr(0, 50'000);
  const std::string got = receive(IoOutcome::Kind::would_block, 4096);
  EXPECT_EQ(got.size(), 150'000u - 14) << "of a message that is not complete";
  EXPECT_EQ(transport_->held_bytes(), 0u);
}

TEST_F(WebSocketTransportTest, WhatCameWithTheUpgradeIsHeldUntilItIsReceived) {
  make(client_frame(0x82, std::string(1'000, 'x')));
  EXPECT_GE(transport_->held_bytes(), 1'000u);
  EXPECT_EQ(receive().size(), 1'000u);
  EXPECT_EQ(transport_->held_bytes(), 0u);
}

TEST_F(WebSocketTransportTest, TheEndIsAskedForEvenWhereTheSocketIsDrained) {
  wire_->tells_drained = true;
  make();
  std::string space(100, '\0');
  wire_->to_server = client_frame(0x82, "a");
  EXPECT_TRUE(transport_->receive(space).drained);
  wire_->to_server = client_frame(0x82, "b") + client_close(1000);
  const IoOutcome last = transport_->receive(space);
  EXPECT_EQ(last.bytes, 1u);
  EXPECT_FALSE(last.drained) << "nobody would ask again";
  EXPECT_EQ(transport_->receive(space).kind, IoOutcome::Kind::closed);
}

TEST_F(WebSocketTransportTest, AFloodOfFramesThatCarryNothingEnds) {
  for (const unsigned kind : {0x8A, 0x82, 0x89}) {
    *wire_ = {};
    make();
    wire_->repeats = client_frame(kind, "");
    EXPECT_EQ(receive(IoOutcome::Kind::closed, 4096), "");
    EXPECT_EQ(heard().back(), "close 1008:too many frames carry nothing");
  }
}

TEST_F(WebSocketTransportTest, ALargeControlFrameInSmallReadsEndsToo) {
  make();
  wire_->repeats = client_frame(0x8A, std::string(125, 'p'));
  EXPECT_EQ(receive(IoOutcome::Kind::closed, 1), "");
}

TEST_F(WebSocketTransportTest, PayloadDoesNotExcuseAFlood) {
  make();
  wire_->repeats = client_frame(0x82, "x");
  for (int i = 0; i < 10; ++i) wire_->repeats += client_frame(0x8A, "");
  EXPECT_LT(receive(IoOutcome::Kind::closed, 4096).size(), 2'000u);
}

TEST_F(WebSocketTransportTest, PingsOverYearsAreNoFlood) {
  make();
  for (int i = 0; i < 30'000; ++i) {
    wire_->to_server = client_frame(0x89, "");
    EXPECT_EQ(receive(), "");
  }
  EXPECT_EQ(heard().size(), 30'000u);
}

TEST_F(WebSocketTransportTest, AnEmptyFrameBehindEachMessageIsNoFlood) {
  make();
  for (int i = 0; i < 30'000; ++i) wire_->to_server += client_frame(0x02, "x") + client_frame(0x80, "");
  EXPECT_EQ(receive(IoOutcome::Kind::would_block, 65'536).size(), 30'000u);
}

TEST_F(WebSocketTransportTest, OfAPeerThatDoesNotReadOnlyTheLastPingIsAnswered) {
  make();
  wire_->client_takes = 0;
  for (int i = 0; i < 5'000; ++i) wire_->to_server += client_frame(0x89, std::to_string(i) + std::string(100, 'p'));
  EXPECT_EQ(receive(IoOutcome::Kind::would_block, 4096), "");
  wire_->client_takes = 10'000'000;
  transport_->readiness({.writable = true});
  const auto pongs = heard();
  EXPECT_LT(pongs.size(), 100u) << "they would fill the memory";
  EXPECT_EQ(pongs.back(), "pong:4999" + std::string(100, 'p'));
  wire_->to_server = client_frame(0x89, "again");
  EXPECT_EQ(receive(), "");
  EXPECT_THAT(heard(), ElementsAre("pong:again"));
}

}  // namespace
}  // namespace iot::net

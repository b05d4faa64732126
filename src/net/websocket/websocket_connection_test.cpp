#include "net/websocket/websocket_connection.h"

#include <functional>

#include <gmock/gmock.h>

#include "net/websocket/scripted_peer.h"

namespace iot::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint8_t text = 0x81;
constexpr std::uint8_t binary = 0x82;
constexpr std::uint8_t ping = 0x89;
constexpr std::uint8_t pong = 0x8A;

/// Says back what it hears, unless told to hold it.
class EchoConnection final : public WebSocketConnection {
 public:
  struct Control {
    bool takes = true;
    bool settled = true;
    int given = 0;
    int left = 0;
    std::function<void(EchoConnection&, std::string_view)> on_message;
  };
  EchoConnection(WebSocketLoop& loop, std::optional<unsigned> deflate, Control& control)
      : WebSocketConnection(loop, deflate), control_(control) {}

  using WebSocketConnection::close;
  using WebSocketConnection::resume;
  using WebSocketConnection::send;

 private:
  void on_message(std::string_view payload, bool is_text) override {
    if (control_.on_message) return control_.on_message(*this, payload);
    send(is_text ? FrameKind::text : FrameKind::binary, payload);
  }
  void on_messages_given() override { ++control_.given; }
  bool takes_messages() override { return control_.takes; }
  bool is_settled() const noexcept override { return control_.settled; }
  void on_left() noexcept override { ++control_.left; }

  Control& control_;
};

class WebSocketConnectionTest : public testing::Test {
 protected:
  void connect(WebSocketLimits limits = {}, std::optional<unsigned> deflate = {}, std::string received = {}) {
    loop_ = std::make_unique<ScriptedLoop>(clock_, metrics_, limits);
    auto connection = std::make_unique<EchoConnection>(loop_->loop, deflate, control_);
    connection_ = connection.get();
    peer_.connect(*loop_, std::move(connection), std::move(received));
  }
  void wait(std::chrono::seconds duration) {
    for (; duration > 0s; duration -= 1s) {
      clock_.advance(1s);
      loop_->visit();
    }
  }
  bool is_gone() const { return peer_.wire->server_has_closed; }

  ManualClock clock_;
  Metrics metrics_;
  EchoConnection::Control control_;
  std::unique_ptr<ScriptedLoop> loop_;
  ScriptedPeer peer_;
  EchoConnection* connection_ = nullptr;
};

TEST_F(WebSocketConnectionTest, GivesMessagesAndSendsAnswers) {
  connect();
  peer_.send(client_frame(text, "hello") + client_frame(binary, "\x01\x02"));
  EXPECT_THAT(peer_.heard(), ElementsAre("text:hello", "binary:\x01\x02"));
  peer_.send(client_frame(0x01, "a") + client_frame(ping, "p") + client_frame(0x80, "b"));
  EXPECT_THAT(peer_.heard(), ElementsAre("pong:p", "text:ab"));
  peer_.send(client_frame(pong, "unasked"));
  EXPECT_THAT(peer_.heard(), IsEmpty());
}

TEST_F(WebSocketConnectionTest, ReadsWhatCameWithTheRequestAtOnce) {
  connect({}, {}, client_text("early") + client_text("bird").substr(0, 3));
  EXPECT_THAT(peer_.heard(), ElementsAre("text:early"));
  peer_.send(client_text("bird").substr(3));
  EXPECT_THAT(peer_.heard(), ElementsAre("text:bird"));
}

TEST_F(WebSocketConnectionTest, WorksCutAtEveryByte) {
  connect();
  for (const char byte : client_text("hello") + client_frame(ping, "x") + client_close(1000)) {
    peer_.send(std::string(1, byte));
  }
  EXPECT_THAT(peer_.heard(), ElementsAre("text:hello", "pong:x", "close 1000:"));
}

TEST_F(WebSocketConnectionTest, ClosesInOrderWhenThePeerDoes) {
  connect();
  peer_.send(client_text("last") + client_close(1000, "bye"));
  EXPECT_THAT(peer_.heard(), ElementsAre("text:last", "close 1000:"));
  EXPECT_TRUE(peer_.wire->server_has_finished);
  EXPECT_FALSE(is_gone()) << "the peer closes its side when it has read ours";
  peer_.hang_up();
  EXPECT_TRUE(is_gone());
  EXPECT_EQ(control_.left, 1);
  EXPECT_EQ(loop_->open, 0u);
}

TEST_F(WebSocketConnectionTest, ACloseWithoutACodeIsAnsweredWithoutOne) {
  connect();
  peer_.send(client_frame(0x88, ""));
  EXPECT_THAT(peer_.heard(), ElementsAre("close"));
}

TEST_F(WebSocketConnectionTest, NothingIsGivenAfterAClose) {
  connect();
  peer_.send(client_close(1001) + client_text("late"));
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1001:"));
}

TEST_F(WebSocketConnectionTest, WaitsForThePeersCloseAfterItsOwnAndNoLongerThanAFewSeconds) {
  connect();
  connection_->close(CloseCode::policy_violation, "enough");
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1008:enough"));
  peer_.send(client_text("was on its way") + client_frame(ping, ""));
  EXPECT_THAT(peer_.heard(), IsEmpty());
  EXPECT_FALSE(peer_.wire->server_has_finished);
  wait(4s);
  EXPECT_FALSE(is_gone());
  wait(3s);
  EXPECT_TRUE(is_gone());
}

TEST_F(WebSocketConnectionTest, GoesWhenThePeerAnswersItsClose) {
  connect();
  connection_->close(CloseCode::normal, {});
  peer_.send(client_close(1000));
  EXPECT_TRUE(peer_.wire->server_has_finished);
  peer_.hang_up();
  EXPECT_TRUE(is_gone());
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1000:"));
}

TEST_F(WebSocketConnectionTest, TellsWhatBrokeTheProtocolAndReadsNoMore) {
  connect();
  peer_.send(client_text("good") + std::string("\x81\x02xx", 4) + client_text("after"));
  EXPECT_THAT(peer_.heard(), ElementsAre("text:good", "close 1002:a client's frames must be masked"));
  EXPECT_TRUE(peer_.wire->server_has_finished);
  EXPECT_TRUE(peer_.wire->to_server.empty()) << "what it still sends is thrown away, lest it be reset";
  wait(7s);
  EXPECT_TRUE(is_gone());
  EXPECT_THAT(metrics_.scrape(), HasSubstr("iotplatform_websocket_closed_total{code=\"1002\"} 1"));
}

TEST_F(WebSocketConnectionTest, MessagesHaveALimit) {
  connect({.message_bytes_max = 10});
  peer_.send(client_text(std::string(10, 'x')));
  EXPECT_THAT(peer_.heard(), ElementsAre("text:xxxxxxxxxx"));
  peer_.send(client_text(std::string(11, 'x')));
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1009:the message is too large"));
}

TEST_F(WebSocketConnectionTest, APeerThatVanishesIsForgotten) {
  connect();
  peer_.send(client_text("hello").substr(0, 4));
  peer_.hang_up();
  EXPECT_TRUE(is_gone());
  EXPECT_EQ(control_.left, 1);
}

TEST_F(WebSocketConnectionTest, ABrokenSocketIsForgotten) {
  connect();
  peer_.poke({.readable = true, .broken = true});
  EXPECT_TRUE(is_gone());
}

TEST_F(WebSocketConnectionTest, ASilentPeerIsAskedOnceAndThenLeft) {
  connect({.ping_s = 3s, .timeout_s = 8s});
  wait(2s);
  EXPECT_THAT(peer_.heard(), IsEmpty());
  wait(5s);
  EXPECT_THAT(peer_.heard(), ElementsAre("ping:")) << "once";
  wait(2s);
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1008:there was no sign of life"));
  wait(7s);
  EXPECT_TRUE(is_gone());
  loop_->visit();
  EXPECT_THAT(metrics_.scrape(), HasSubstr("timeouts_total{waiting_for=\"silence\"} 1"));
}

TEST_F(WebSocketConnectionTest, APongKeepsItOpen) {
  connect({.ping_s = 3s, .timeout_s = 8s});
  for (int i = 0; i < 5; ++i) {
    wait(5s);
    EXPECT_THAT(peer_.heard(), ElementsAre("ping:"));
    peer_.send(client_frame(pong, ""));
  }
  EXPECT_FALSE(is_gone());
}

TEST_F(WebSocketConnectionTest, AMessageThatDoesNotEndIsNotWaitedForForEver) {
  connect({.message_s = 5s});
  for (int i = 0; i < 4; ++i) {
    peer_.send(client_frame(i == 0 ? 0x01 : 0x00, "drop"));
    wait(1s);
  }
  EXPECT_THAT(peer_.heard(), IsEmpty());
  wait(3s);
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1008:a message did not arrive in time"));
}

TEST_F(WebSocketConnectionTest, EachMessageHasItsOwnTime) {
  connect({.message_s = 5s});
  for (int i = 0; i < 10; ++i) {
    const std::string frame = client_text("hello");
    peer_.send(frame.substr(0, 4));
    wait(2s);
    peer_.send(frame.substr(4));
    EXPECT_THAT(peer_.heard(), ElementsAre("text:hello"));
  }
}

TEST_F(WebSocketConnectionTest, APeerThatDoesNotReadIsNotReadEither) {
  connect({.write_s = 5s});
  peer_.wire->client_takes = 0;
  const std::string message(20'000, 'x');
  for (int i = 0; i < 100; ++i) peer_.wire->to_server += client_text(message);
  peer_.poke({.readable = true});
  EXPECT_GT(peer_.wire->to_server.size(), 90 * message.size()) << "answers for all of it would fill the memory";
  peer_.take(30 * message.size());
  EXPECT_LT(peer_.wire->to_server.size(), 75 * message.size()) << "it goes on with what was taken";
  wait(4s);
  EXPECT_FALSE(is_gone());
  wait(3s);
  EXPECT_TRUE(is_gone());
}

TEST_F(WebSocketConnectionTest, APeerThatReadsSlowlyGetsAll) {
  connect({.write_s = 5s});
  peer_.wire->client_takes = 0;
  for (int i = 0; i < 50; ++i) peer_.wire->to_server += client_text(std::string(10'000, 'x'));
  peer_.poke({.readable = true});
  for (int i = 0; i < 180; ++i) {
    peer_.take(3'000);
    wait(1s);
  }
  EXPECT_EQ(peer_.heard().size(), 50u);
  EXPECT_FALSE(is_gone());
}

TEST_F(WebSocketConnectionTest, PingsOfAPeerThatDoesNotReadFillNoMemory) {
  connect();
  peer_.wire->client_takes = 0;
  const std::string flood = [] {
    std::string all;
    for (int i = 0; i < 10'000; ++i) all += client_frame(ping, std::string(100, 'p'));
    return all;
  }();
  peer_.send(flood);
  EXPECT_GT(peer_.wire->to_server.size(), flood.size() * 8 / 10);
  peer_.take(std::numeric_limits<std::size_t>::max() / 2);
  EXPECT_EQ(peer_.heard().size(), 10'000u);
}

TEST_F(WebSocketConnectionTest, AFloodGivesWayToOthers) {
  for (const unsigned kind : {0x8A, 0x82, 0x89}) {
    peer_ = ScriptedPeer();
    connect();
    peer_.wire->repeats = client_frame(kind, "");
    for (int i = 0; i < 10; ++i) {
      peer_.poke_once({.readable = true});
      EXPECT_TRUE(connection_->place.gave_way);
      loop_->visit();
    }
    EXPECT_FALSE(is_gone());
    peer_.wire->repeats.clear();
    peer_.poke({.readable = true});
    EXPECT_FALSE(connection_->place.gave_way);
    EXPECT_TRUE(peer_.wire->to_server.empty());
  }
}

TEST_F(WebSocketConnectionTest, MessagesOfOneTurnAreGivenBeforeOthersHaveTheirs) {
  connect();
  int waiting = 0;
  control_.on_message = [&](EchoConnection&, std::string_view) { waiting = control_.given; };
  peer_.wire->repeats = client_text("x");
  peer_.poke_once({.readable = true});
  EXPECT_TRUE(connection_->place.gave_way);
  EXPECT_GT(control_.given, waiting);
}

TEST_F(WebSocketConnectionTest, AFloodDoesNotOutlastTheClosing) {
  connect();
  peer_.wire->repeats = client_text("flood");
  connection_->close(CloseCode::going_away, "bye");
  peer_.poke_once({.readable = true});
  EXPECT_TRUE(connection_->place.gave_way);
  wait(7s);
  EXPECT_TRUE(is_gone());
}

TEST_F(WebSocketConnectionTest, AFloodDoesNotOutlastTheLingering) {
  connect();
  peer_.wire->to_server = "not a frame";
  peer_.wire->repeats = "nor is this";
  peer_.poke_once({.readable = true});
  EXPECT_THAT(peer_.heard(), ElementsAre(HasSubstr("close 1002")));
  EXPECT_FALSE(is_gone());
  wait(7s);
  EXPECT_TRUE(is_gone());
}

TEST_F(WebSocketConnectionTest, WhoTakesNoMessagesIsGivenNoneUntilItResumes) {
  connect();
  control_.takes = false;
  peer_.send(client_text("one") + client_text("two"));
  EXPECT_THAT(peer_.heard(), IsEmpty());
  wait(200s);
  EXPECT_FALSE(is_gone()) << "whom we do not read is not silent";
  control_.takes = true;
  connection_->resume();
  EXPECT_THAT(peer_.heard(), ElementsAre("text:one", "text:two"));
}

TEST_F(WebSocketConnectionTest, ACloseWaitsUntilAllIsSettled) {
  connect();
  control_.settled = false;
  peer_.send(client_text("one") + client_close(1000));
  EXPECT_THAT(peer_.heard(), ElementsAre("text:one"));
  connection_->send(FrameKind::text, "its answer");
  control_.settled = true;
  connection_->resume();
  EXPECT_THAT(peer_.heard(), ElementsAre("text:its answer", "close 1000:"));
}

TEST_F(WebSocketConnectionTest, MessagesOfOneReadAreGivenTogether) {
  connect();
  control_.given = 0;
  peer_.send(client_text("a") + client_text("b") + client_text("c"));
  EXPECT_EQ(control_.given, 2) << "after the three, and when there was no more to read";
}

TEST_F(WebSocketConnectionTest, WhoClosesInsideOfAMessageIsGivenNoFurtherOne) {
  connect();
  int messages = 0;
  control_.on_message = [&](EchoConnection& connection, std::string_view) {
    ++messages;
    connection.close(CloseCode::invalid_payload, "bad");
  };
  peer_.send(client_text("a") + client_text("b"));
  EXPECT_EQ(messages, 1);
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1007:bad"));
}

TEST_F(WebSocketConnectionTest, AnExceptionCostsThisConnectionAlone) {
  connect();
  control_.on_message = [](EchoConnection&, std::string_view) { throw std::runtime_error("fault"); };
  peer_.send(client_text("a"));
  EXPECT_TRUE(is_gone());
}

TEST_F(WebSocketConnectionTest, CompressesWhatIsWorthIt) {
  connect({}, 15);
  const std::string message(1'000, 'x');
  std::string deflated;
  loop_->loop.deflater.deflate(message, 15, deflated);
  peer_.send(client_frame(0xC1, deflated) + client_text("short"));
  EXPECT_THAT(peer_.heard(), ElementsAre("+text:" + deflated, "text:short"));
}

TEST_F(WebSocketConnectionTest, AnIdleConnectionHoldsNoBuffers) {
  connect();
  peer_.send(client_frame(0x01, std::string(5'000, 'a')) + client_frame(0x80, std::string(5'000, 'b')));
  EXPECT_EQ(peer_.heard().size(), 1u);
  wait(1s);
  EXPECT_LT(sizeof(EchoConnection), 700u);
  peer_.send(client_text("again"));
  EXPECT_THAT(peer_.heard(), ElementsAre("text:again"));
}

TEST_F(WebSocketConnectionTest, AllConnectionsTogetherHaveALimit) {
  connect({.buffered_bytes_max = 6'000});
  peer_.send(client_text(std::string(20'000, 'x')));
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1013:too many messages are being received at once"));
}

TEST_F(WebSocketConnectionTest, AStopEndsItInOrder) {
  connect();
  control_.settled = false;
  loop_->loop.begin_stop();
  EXPECT_THAT(peer_.heard(), IsEmpty()) << "what was begun has its end first";
  control_.settled = true;
  connection_->resume();
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1001:the platform is stopping"));
  peer_.send(client_close(1001));
  peer_.hang_up();
  EXPECT_TRUE(is_gone());
}

}  // namespace
}  // namespace iot::net

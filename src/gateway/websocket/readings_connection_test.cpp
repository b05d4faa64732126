#include "gateway/websocket/readings_connection.h"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "gateway/testing/fixed_registry.h"
#include "ingest/testing/manual_log.h"
#include "ingest/testing/sample_snapshot.h"
#include "net/websocket/scripted_peer.h"
#include "registry/change.h"

namespace iot::gateway {
namespace {

using namespace std::chrono_literals;
using net::client_close;
using net::client_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr DeviceId device = ingest::testing::device;

std::string reading(int value) {
  return R"({"sensor_id":"4","timestamp":1526717967,"value":)" + std::to_string(value) + "}";
}
const std::string bad_reading = R"({"sensor_id":"999","value":1})";

class ReadingsConnectionTest : public ::testing::Test {
 protected:
  ReadingsConnectionTest() { shared_.threads.push_back(std::make_unique<ReadingsThread>(ingest::DecodeLimits{})); }

  ReadingsConnection& connect(net::ScriptedPeer& peer, Answers answers, std::optional<Timestamp> expires = {}) {
    auto connection = std::make_unique<ReadingsConnection>(loop_.loop, shared_, std::nullopt, answers, "192.0.2.1");
    ReadingsConnection& made = *connection;
    EXPECT_EQ(
        made.enter({.kind = registry::SubjectKind::device, .id = device.value, .key_version = 1, .expires = expires}),
        EnterRefusal::none);
    peer.connect(loop_, std::move(connection));
    return made;
  }
  void connect(Answers answers) { connect(peer_, answers); }

  /// The log says what became of all that it has.
  void tell(const std::optional<Error>& error = {}) {
    log_.tell(error);
    ingestor_.group_ended();
    run();
  }
  void run() {
    loop_.context.restart();
    loop_.context.poll();
  }
  void wait(std::chrono::seconds duration) {
    for (; duration > 0s; duration -= 1s) {
      clock_.advance(1s);
      loop_.visit();
    }
  }
  void change(registry::Change change) {
    registry::Snapshot next = *registry_.snapshot();
    change.sequence = next.version + 1;
    registry::Removals removed;
    registry::apply(next, change, &removed);
    registry_.set(std::move(next));
    registry_.withdraw(removed.withdrawal);
    run();
  }

  ManualClock clock_;
  Metrics metrics_;
  testing::FixedRegistry registry_{ingest::testing::sample_snapshot()};
  ingest::testing::ManualLog log_;
  net::ScriptedLoop loop_{clock_, metrics_};
  ingest::Ingestor ingestor_{log_, metrics_, {loop_.loop.executor}};
  OpenConnections open_{registry_, {loop_.loop.executor}, metrics_, {}};
  SendingLimits no_limits_{{}, {}, metrics_};
  ReadingsShared shared_{registry_,
                         ingestor_,
                         open_,
                         clock_,
                         10'000,
                         no_limits_,
                         metrics_.counter("bad_messages", "x"),
                         metrics_.counter("rate_limited", "x"),
                         {}};
  net::ScriptedPeer peer_;
};

TEST_F(ReadingsConnectionTest, SaysNothingToGoodMessages) {
  connect(Answers::none);
  peer_.send(client_text(reading(1)) + net::client_frame(0x82, "[" + reading(2) + "," + reading(3) + "]"));
  tell();
  EXPECT_THAT(peer_.heard(), IsEmpty());
  ASSERT_EQ(log_.stored().size(), 1u) << "what came together is one batch";
  EXPECT_EQ(log_.stored()[0].size(), 3u);
  EXPECT_EQ(log_.stored()[0].device, device);
}

TEST_F(ReadingsConnectionTest, AcknowledgesEachMessageOnceTheLogHasIt) {
  connect(Answers::acknowledgements);
  peer_.send(client_text(reading(1)) + client_text("[" + reading(2) + "," + reading(3) + "]") + client_text("[]"));
  EXPECT_THAT(peer_.heard(), IsEmpty());
  log_.tell();
  run();
  EXPECT_THAT(peer_.heard(), IsEmpty()) << "the group has not ended";
  ingestor_.group_ended();
  run();
  EXPECT_THAT(peer_.heard(), ElementsAre(R"(text:{"accepted":1})", R"(text:{"accepted":2})", R"(text:{"accepted":0})"));
}

TEST_F(ReadingsConnectionTest, ABadMessageSpoilsNoOther) {
  connect(Answers::acknowledgements);
  peer_.send(client_text(reading(1)) + client_text("[" + reading(2) + "," + bad_reading + "]") + client_text("{") +
             client_text(reading(3)));
  tell();
  const auto heard = peer_.heard();
  ASSERT_EQ(heard.size(), 4u);
  EXPECT_EQ(heard[0], R"(text:{"accepted":1})");
  EXPECT_THAT(heard[1], HasSubstr(R"("index":1,"field":"sensor_id")"));
  EXPECT_THAT(heard[2], StartsWith(R"(text:{"name":"ReadingsRefused","errors":[)"));
  EXPECT_EQ(heard[3], R"(text:{"accepted":1})");
  EXPECT_EQ(log_.stored()[0].size(), 2u);
  EXPECT_THAT(open_.presence(device)->last_error, HasSubstr("reading 0"));
}

TEST_F(ReadingsConnectionTest, BadMessagesAloneAreAnsweredWithoutTheLog) {
  connect(Answers::acknowledgements);
  peer_.send(client_text(bad_reading));
  EXPECT_THAT(peer_.heard(), ElementsAre(HasSubstr("ReadingsRefused")));
  peer_.send(client_text("[]"));
  EXPECT_THAT(peer_.heard(), ElementsAre(R"(text:{"accepted":0})"));
  EXPECT_EQ(log_.appended(), 0u);
}

TEST_F(ReadingsConnectionTest, AnswersStayInOrderWhateverTheLogTellsFirst) {
  connect(Answers::acknowledgements);
  peer_.send(client_text(reading(1)));
  peer_.send(client_text(bad_reading));
  peer_.send(client_text("[" + reading(2) + "," + reading(3) + "]"));
  EXPECT_THAT(peer_.heard(), IsEmpty()) << "the first one waits";
  tell();
  EXPECT_THAT(peer_.heard(),
              ElementsAre(R"(text:{"accepted":1})", HasSubstr("ReadingsRefused"), R"(text:{"accepted":2})"));
}

TEST_F(ReadingsConnectionTest, ABadMessageClosesWithItsFirstFault) {
  connect(Answers::none);
  peer_.send(client_text(reading(1)) + client_text(bad_reading) + client_text(reading(2)));
  EXPECT_THAT(peer_.heard(), IsEmpty()) << "what came before it is on its way to the disk";
  tell();
  const auto heard = peer_.heard();
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_THAT(heard[0], StartsWith("close 1007:reading 0, sensor_id: "));
  EXPECT_LE(heard[0].size(), std::string_view("close 1007:").size() + 123);
  EXPECT_EQ(log_.stored().at(0).size(), 1u) << "and nothing behind it counts";
}

TEST_F(ReadingsConnectionTest, AFullLogIsToldInThePlaceOfTheAcknowledgement) {
  connect(Answers::acknowledgements);
  log_.refuse_with(make_error(log::Errc::overloaded, "the event log is full"));
  peer_.send(client_text(reading(1)) + client_text(bad_reading) + client_text(reading(2)));
  const std::string full = R"(text:{"name":"Unavailable","errors":[{"message":"the event log is full"}]})";
  EXPECT_THAT(peer_.heard(), ElementsAre(full, HasSubstr("ReadingsRefused"), full));
  log_.refuse_with({});
  peer_.send(client_text(reading(1)));
  tell();
  EXPECT_THAT(peer_.heard(), ElementsAre(R"(text:{"accepted":1})")) << "and the connection goes on";
}

TEST_F(ReadingsConnectionTest, AFullLogClosesWhoHearsNoAnswers) {
  connect(Answers::none);
  log_.refuse_with(make_error(log::Errc::overloaded, "the event log is full"));
  peer_.send(client_text(reading(1)));
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1013:the event log is full"));
}

TEST_F(ReadingsConnectionTest, AFailedGroupIsToldWithoutWhatIsBrokenInside) {
  connect(Answers::acknowledgements);
  peer_.send(client_text(reading(1)));
  tell(Error{{}, "write /var/lib/secret: I/O error"});
  EXPECT_THAT(peer_.heard(), ElementsAre(HasSubstr("could not be stored; send them again")));
}

TEST_F(ReadingsConnectionTest, WhatIsInFlightHasALimit) {
  connect(Answers::acknowledgements);
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += client_text(reading(i));
  peer_.wire->to_server = many;
  peer_.poke({.readable = true});
  EXPECT_GT(peer_.wire->to_server.size(), many.size() / 2) << "the socket is not read beyond the limit";
  std::size_t answers = 0;
  for (int rounds = 0; answers < 1'000 && rounds < 1'000; ++rounds) {
    tell();
    answers += peer_.heard().size();
  }
  EXPECT_EQ(answers, 1'000u);
}

TEST_F(ReadingsConnectionTest, AClosingPeerHearsOfAllThatItSent) {
  connect(Answers::acknowledgements);
  peer_.send(client_text(reading(1)) + client_close(1000));
  EXPECT_THAT(peer_.heard(), IsEmpty());
  tell();
  EXPECT_THAT(peer_.heard(), ElementsAre(R"(text:{"accepted":1})", "close 1000:"));
}

TEST_F(ReadingsConnectionTest, AStopAnswersWhatWasBegun) {
  connect(Answers::acknowledgements);
  peer_.send(client_text(reading(1)));
  loop_.loop.begin_stop();
  tell();
  EXPECT_THAT(peer_.heard(), ElementsAre(R"(text:{"accepted":1})", "close 1001:the platform is stopping"));
}

TEST_F(ReadingsConnectionTest, APeerThatVanishesLosesNothingButTheAnswers) {
  connect(Answers::acknowledgements);
  peer_.send(client_text(reading(1)));
  peer_.send(client_text(reading(2)));
  peer_.hang_up();
  EXPECT_TRUE(peer_.wire->server_has_closed);
  EXPECT_EQ(open_.size(), 0u);
  tell();
  EXPECT_EQ(log_.stored().size(), 2u);
  net::ScriptedPeer next;
  connect(next, Answers::acknowledgements);
  next.send(client_text(reading(3)));
  tell();
  EXPECT_THAT(next.heard(), ElementsAre(R"(text:{"accepted":1})"));
}

TEST_F(ReadingsConnectionTest, EndsWithItsKey) {
  connect(Answers::none);
  change(registry::device_set(device, {.owner = root_user, .key_version = 2}));
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1008:the key was rotated"));
  EXPECT_EQ(open_.size(), 1u) << "until the peer has gone";
}

TEST_F(ReadingsConnectionTest, EndsWithItsToken) {
  connect(peer_, Answers::none, Timestamp{clock_.now().ns + 5'000'000'000});
  wait(4s);
  EXPECT_THAT(peer_.heard(), IsEmpty());
  wait(2s);
  EXPECT_THAT(peer_.heard(), ElementsAre("close 1008:the token has expired"));
}

TEST_F(ReadingsConnectionTest, FollowsTheRegistry) {
  connect(Answers::acknowledgements);
  peer_.send(client_text(R"({"sensor_id":"555","value":1})"));
  EXPECT_THAT(peer_.heard(), ElementsAre(HasSubstr("ReadingsRefused")));
  change(registry::sensor_set({555},
                              {.device = device, .mapping = model::MappingType::double_precision, .retention = {}}));
  peer_.send(client_text(R"({"sensor_id":"555","value":1})"));
  tell();
  EXPECT_THAT(peer_.heard(), ElementsAre(R"(text:{"accepted":1})"));
}

TEST_F(ReadingsConnectionTest, IsSeenWithEachMessage) {
  connect(Answers::none);
  clock_.advance(7s);
  peer_.send(client_text(reading(1)));
  EXPECT_EQ(open_.presence(device)->last_seen, clock_.now());
  EXPECT_EQ(open_.presence(device)->protocol, Protocol::websocket);
  tell();
}

class LimitedReadingsConnectionTest : public ReadingsConnectionTest {
 protected:
  ReadingsShared limited(double messages, double readings) {
    SendingLimits& sending = limits_.emplace(
        SendingRates{.messages_per_s_max = messages, .readings_per_s_max = readings}, SendingRates{}, metrics_);
    return {registry_, ingestor_, open_, clock_, 1'000'000, sending, shared_.bad_messages, shared_.rate_limited, {}};
  }
  /// Sends `messages` in one go and says how many have been answered after each second.
  std::vector<std::size_t> answers_by_second(ReadingsShared shared, const std::vector<std::string>& messages) {
    shared.threads.push_back(std::make_unique<ReadingsThread>(ingest::DecodeLimits{}));
    net::ScriptedPeer peer;
    auto connection =
        std::make_unique<ReadingsConnection>(loop_.loop, shared, std::nullopt, Answers::acknowledgements, "192.0.2.1");
    EXPECT_EQ(connection->enter({.kind = registry::SubjectKind::device, .id = device.value, .key_version = 1}),
              EnterRefusal::none);
    peer.connect(loop_, std::move(connection));
    std::string all;
    for (const auto& message : messages) all += client_text(message);
    peer.send(all);
    std::vector<std::size_t> answers;
    for (int second = 0; second < 5; ++second) {
      tell();
      answers.push_back(peer.heard().size() + (answers.empty() ? 0 : answers.back()));
      wait(1s);
    }
    peer.hang_up();
    run();
    return answers;
  }

  std::optional<SendingLimits> limits_;
};

TEST_F(LimitedReadingsConnectionTest, WhoSendsTooManyMessagesIsReadLater) {
  const std::vector<std::string> messages(25, reading(1));
  EXPECT_THAT(answers_by_second(limited(10, 0), messages), ElementsAre(10, 20, 25, 25, 25));
}

TEST_F(LimitedReadingsConnectionTest, WhoSendsTooManyReadingsPaysBeforeItsNextMessage) {
  const std::vector<std::string> messages(4, "[" + reading(1) + "," + reading(2) + "," + reading(3) + "]");
  EXPECT_THAT(answers_by_second(limited(0, 3), messages), ElementsAre(1, 2, 3, 4, 4));
}

}  // namespace
}  // namespace iot::gateway

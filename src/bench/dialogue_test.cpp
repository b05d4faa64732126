// Each protocol's client, given the bytes that a server would send: whole, and cut at every byte.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bench/http_dialogue.h"
#include "bench/mqtt_dialogue.h"
#include "bench/websocket_dialogue.h"
#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/testing/hex.h"

namespace iot::bench {
namespace {

using mqtt::testing::bytes_of;
using mqtt::testing::hex_of;

/// Writes down what it is told.
struct Heard final : DialogueEvents {
  void opened() override { said.push_back("opened"); }
  void answered(std::int64_t due_ns, std::string_view fault) override {
    said.push_back("answered " + std::to_string(due_ns) + (fault.empty() ? "" : " " + std::string(fault)));
  }
  void delivered(std::string_view payload) override { said.push_back("delivered " + std::string(payload)); }
  void passed_barrier() override { said.push_back("barrier"); }
  void failed(std::string_view fault) override { said.push_back("failed " + std::string(fault)); }

  std::vector<std::string> said;
};

ReadingPayload payload() {
  return ReadingPayload("4", 1, {1'700'000'000'000'000'000, 0, 1});
}

/// What a dialogue with two messages under way, due at 7 and 8, makes of the bytes, and what it answers; cut after
/// `cut`.
struct Outcome {
  std::vector<std::string> said;
  std::string out;
  bool operator==(const Outcome&) const = default;
};
Outcome play(Dialogue& dialogue, const std::string& before, const std::string& bytes, std::size_t cut) {
  Heard heard;
  std::string out;
  dialogue.open(out);
  EXPECT_EQ(dialogue.take(before, out, heard), before.size());
  if (dialogue.has_answers()) {
    dialogue.append_message(out, 7);
    dialogue.append_message(out, 8);
  }
  out.clear();
  std::string rest = bytes.substr(0, cut);
  rest.erase(0, dialogue.take(rest, out, heard));
  rest += bytes.substr(cut);
  rest.erase(0, dialogue.take(rest, out, heard));
  return {heard.said, out};
}

void expect_however_cut(Dialogue& dialogue, const std::string& before, const std::string& bytes,
                        const Outcome& wanted) {
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const auto outcome = play(dialogue, before, bytes, cut);
    ASSERT_EQ(outcome.said, wanted.said) << "cut after " << cut;
    ASSERT_EQ(hex_of(outcome.out), hex_of(wanted.out)) << "cut after " << cut;
  }
}

MqttClientOptions mqtt_client(mqtt::Qos qos, mqtt::Version version = mqtt::Version::v3_1_1) {
  MqttClientOptions options;
  options.qos = qos;
  options.version = version;
  options.client_id = "c";
  options.topic = "3";
  options.window = 4;
  return options;
}

const std::string connack = bytes_of("20 02 00 00");

TEST(MqttPublisher, CountsAcknowledgementsHoweverTheyAreCut) {
  MqttPublisher client(mqtt_client(mqtt::Qos::at_least_once), payload());
  expect_however_cut(client, connack, bytes_of("40 02 0001 D0 00 40 02 0002"),
                     {{"opened", "answered 7", "barrier", "answered 8"}, ""});
}

TEST(MqttPublisher, GoesOnWithPubrelAndIsDoneWithPubcomp) {
  MqttPublisher client(mqtt_client(mqtt::Qos::exactly_once), payload());
  expect_however_cut(client, connack, bytes_of("50 02 0002 70 02 0002 50 02 0001"),
                     {{"opened", "answered 8"}, bytes_of("62 02 0002 62 02 0001")});
}

TEST(MqttPublisher, NamesTheReasonOfARefusal) {
  MqttPublisher client(mqtt_client(mqtt::Qos::exactly_once, mqtt::Version::v5), payload());
  expect_however_cut(
      client, bytes_of("20 03 00 00 00"), bytes_of("50 04 0001 99 00 E0 01 8B"),
      {{"opened", "answered 7 PUBREC 0x99 (payload format invalid)", "failed DISCONNECT 0x8B (server shutting down)"},
       ""});
}

TEST(MqttPublisher, IsToldThatItIsNotLetIn) {
  MqttPublisher client(mqtt_client(mqtt::Qos::at_least_once), payload());
  Heard heard;
  std::string out;
  client.take(bytes_of("20 02 00 05"), out, heard);
  EXPECT_EQ(heard.said, (std::vector<std::string>{"failed CONNACK 0x87 (not authorized)"}));
}

TEST(MqttPublisher, AnAcknowledgementThatNothingWaitsForIsAFault) {
  for (const auto* bytes : {"40 02 0004", "40 02 0005", "40 02 FFFF", "90 03 0001 00", "30 03 0001 61"}) {
    MqttPublisher client(mqtt_client(mqtt::Qos::at_least_once), payload());
    const auto outcome = play(client, connack, bytes_of(bytes), 0);
    EXPECT_TRUE(outcome.said.back().starts_with("failed")) << bytes;
  }
}

TEST(MqttPublisher, KeepsToTheServersReceiveMaximum) {
  MqttPublisher client(mqtt_client(mqtt::Qos::at_least_once, mqtt::Version::v5), payload());
  Heard heard;
  std::string out;
  client.open(out);
  client.take(bytes_of("20 06 00 00 03 21 0002"), out, heard);
  client.append_message(out, 1);
  EXPECT_FALSE(client.is_full());
  client.append_message(out, 1);
  EXPECT_TRUE(client.is_full());
}

TEST(MqttPublisher, WritesPacketsThatAServerTakes) {
  for (const auto version : {mqtt::Version::v3_1, mqtt::Version::v3_1_1, mqtt::Version::v5}) {
    for (const auto qos : {mqtt::Qos::at_most_once, mqtt::Qos::at_least_once, mqtt::Qos::exactly_once}) {
      auto options = mqtt_client(qos, version);
      options.token = "a.b.c";
      MqttPublisher client(options, payload());
      std::string out;
      client.open(out);
      const auto hello = mqtt::read_frame(out, {std::nullopt, mqtt::Sender::client});
      ASSERT_TRUE(hello && hello->frame);
      const auto connect = mqtt::decode_connect(*hello->frame);
      ASSERT_TRUE(connect);
      EXPECT_EQ(connect->user_name, "JWT");
      EXPECT_EQ(connect->password, "a.b.c");
      std::string last;
      for (std::uint16_t number = 1; number <= 3; ++number) {
        out.clear();
        client.append_message(out, 0);
        const auto step = mqtt::read_frame(out, {version, mqtt::Sender::client});
        ASSERT_TRUE(step && step->frame && step->frame->bytes == out.size());
        const auto publish = mqtt::decode_publish(*step->frame, version, mqtt::Sender::client);
        ASSERT_TRUE(publish);
        EXPECT_EQ(publish->topic, "3");
        EXPECT_EQ(publish->qos, qos);
        EXPECT_EQ(publish->packet_id, qos == mqtt::Qos::at_most_once ? 0 : number);
        EXPECT_NE(publish->payload, last);
        last = publish->payload;
      }
    }
  }
}

TEST(MqttSubscriber, SubscribesAndAcknowledgesWhatComes) {
  MqttSubscriber client(mqtt_client(mqtt::Qos::exactly_once));
  expect_however_cut(
      client, "", connack + bytes_of("90 03 0001 02 32 06 0001 61 0009 62 34 06 0001 61 000A 63 62 02 000A"),
      {{"opened", "delivered b", "delivered c"}, bytes_of("82 06 0001 0001 33 02 40 02 0009 50 02 000A 70 02 000A")});
}

TEST(MqttSubscriber, IsToldThatItMayNotSubscribe) {
  MqttSubscriber client(mqtt_client(mqtt::Qos::at_least_once));
  EXPECT_EQ(play(client, connack, bytes_of("90 03 0001 80"), 0).said, (std::vector<std::string>{"failed SUBACK 0x80"}));
}

TEST(HttpDialogue, CountsAnswersInTheirOrderHoweverTheyAreCut) {
  HttpDialogue client({"127.0.0.1:8083", "t", 4}, payload());
  expect_however_cut(client, "",
                     "HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"accepted\": 1}HTTP/1.1 400 Bad "
                     "Request\r\nContent-Length: 0\r\n\r\n",
                     {{"answered 7", "answered 8 HTTP 400"}, ""});
}

TEST(HttpDialogue, AConnectionThatTheServerClosesIsOver) {
  HttpDialogue client({"127.0.0.1:8083", "t", 4}, payload());
  EXPECT_EQ(play(client, "", "HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 0).said.back(),
            "failed closed after HTTP 503");
  EXPECT_EQ(play(client, "", "220 mail.example\r\n\r\n", 0).said.back(), "failed no HTTP");
}

WebSocketDialogue websocket(bool wants_answers) {
  return WebSocketDialogue({"127.0.0.1:8765", "/", "t", wants_answers, 4}, payload());
}

const std::string switching = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: iotplatform.ack\r\n\r\n";

TEST(WebSocketDialogue, CountsAnswersHoweverTheyAreCut) {
  auto client = websocket(true);
  const std::string frames = bytes_of("81 0F") + "{\"accepted\": 1}" + bytes_of("89 01 78 81 0E") + "{\"errors\": []}" +
                             bytes_of("8A 00 88 02 03EF");
  Heard heard;
  const auto whole = play(client, switching, frames, frames.size());
  EXPECT_EQ(whole.said, (std::vector<std::string>{"opened", "answered 7", "answered 8 refused", "barrier",
                                                  "failed closed with 1007"}));
  EXPECT_EQ(hex_of(whole.out.substr(0, 2)), "8A81") << "a ping is answered";
  for (std::size_t cut = 0; cut <= frames.size(); ++cut) ASSERT_EQ(play(client, switching, frames, cut), whole) << cut;
}

TEST(WebSocketDialogue, NamesWhyItIsClosedOrNotLetIn) {
  auto client = websocket(false);
  EXPECT_EQ(play(client, switching, bytes_of("88 02 03EF"), 0).said.back(), "failed closed with 1007");
  EXPECT_EQ(play(client, "", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 0).said.back(),
            "failed HTTP 401");
  auto asking = websocket(true);
  Heard heard;
  std::string out;
  asking.open(out);
  asking.take("HTTP/1.1 101 Switching Protocols\r\n\r\n", out, heard);
  EXPECT_EQ(heard.said.back(), "failed the server does not know iotplatform.ack");
}

}  // namespace
}  // namespace iot::bench

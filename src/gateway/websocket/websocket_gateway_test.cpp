#include "gateway/websocket/websocket_gateway.h"

#include <future>

#include <gmock/gmock.h>

#include "access/testing/test_key.h"
#include "gateway/sending_limits.h"
#include "gateway/testing/fixed_registry.h"
#include "ingest/testing/manual_log.h"
#include "ingest/testing/sample_snapshot.h"
#include "net/http_server.h"
#include "net/raw_client.h"
#include "net/websocket/scripted_peer.h"
#include "registry/change.h"

namespace iot::gateway {
namespace {

using namespace std::chrono_literals;
using net::status_of;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view good_reading = R"({"sensor_id":"4","timestamp":1526717967,"value":"91827364"})";

class WebSocketGatewayTest : public ::testing::Test {
 protected:
  WebSocketGatewayTest() {
    tokens_.set_key(access::testing::test_key());
    bearer_ = "Authorization: Bearer " + token() + "\r\n";
  }

  void start(WebSocketGatewayLimits limits = {}, ServeMqtt serve_mqtt = {}) {
    gateway_ = WebSocketGateway::make({registry_, tokens_, ingestor_, open_, sending_, metrics_, clock_, pool_}, limits,
                                      std::move(serve_mqtt));
    auto server = net::HttpServer::listen(pool_, *gateway_, metrics_, "websocket", "127.0.0.1", 0, {});
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    pool_.run();
  }

  void TearDown() override {
    stop();
    pool_.stop();
    pool_.join();
  }
  void stop() {
    if (!server_) return;
    for (const auto& part : {std::function<void(std::function<void()>)>(
                                 [&](auto done) { server_->stop(std::chrono::steady_clock::now() + 5s, done); }),
                             std::function<void(std::function<void()>)>(
                                 [&](auto done) { gateway_->stop(std::chrono::steady_clock::now() + 5s, done); })}) {
      std::promise<void> done;
      part([&] { done.set_value(); });
      done.get_future().wait();
    }
    server_.reset();
  }

  std::string token(std::int64_t device = 3, std::uint64_t key_version = 1,
                    access::Audience audience = access::Audience::device,
                    std::optional<std::chrono::seconds> lifetime = {}) const {
    return *tokens_.issue({.audience = audience, .subject = device, .key_version = key_version, .expires = {}},
                          lifetime);
  }

  static std::string upgrade(std::string_view headers, std::string_view path = "/") {
    return "GET " + std::string(path) +
           " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           std::string(headers) + "\r\n";
  }
  static std::string head(net::RawClient& client) { return client.read_response(true); }
  std::string ask(const std::string& request) {
    net::RawClient client(server_->address());
    client.send(request);
    return head(client);
  }
  void tell() {
    log_.tell();
    ingestor_.group_ended();
  }
  /// The next frame, of at most 125 bytes.
  static std::string next_frame(net::RawClient& client) {
    std::string frame = client.read_bytes(2);
    if (frame.size() < 2) return "none";
    frame += client.read_bytes(static_cast<unsigned char>(frame[1]));
    return net::server_frames(frame).at(0);
  }

  ManualClock clock_;
  Metrics metrics_;
  testing::FixedRegistry registry_{ingest::testing::sample_snapshot()};
  access::Tokens tokens_{{}, clock_};
  net::IoPool pool_{2};
  ingest::testing::ManualLog log_;
  ingest::Ingestor ingestor_{log_, metrics_, {pool_.loop(0).get_executor(), pool_.loop(1).get_executor()}};
  OpenConnections open_{registry_,
                        {pool_.loop(0).get_executor(), pool_.loop(1).get_executor()},
                        metrics_,
                        {.connections_per_subject_max = 3}};
  std::string bearer_;
  SendingLimits sending_{{}, {}, metrics_};
  std::unique_ptr<WebSocketGateway> gateway_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(WebSocketGatewayTest, OpensWithATokenAndTakesReadings) {
  start();
  net::RawClient client(server_->address());
  client.send(upgrade(bearer_) + net::client_text(good_reading));
  const std::string answer = head(client);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_THAT(answer, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Sec-WebSocket-Protocol")));
  ASSERT_TRUE(log_.wait_for(1)) << "what came with the request is read at once";
  tell();
  client.send(net::client_text(good_reading));
  ASSERT_TRUE(log_.wait_for(1));
  tell();
  client.send(net::client_close(1000));
  EXPECT_EQ(next_frame(client), "close 1000:");
  EXPECT_EQ(client.read_all(), "");
  EXPECT_EQ(log_.stored().size(), 2u);
}

TEST_F(WebSocketGatewayTest, AcknowledgesWhereThatIsAskedFor) {
  start();
  net::RawClient client(server_->address());
  client.send(upgrade(bearer_ + "Sec-WebSocket-Protocol: other, iotplatform.ack\r\n"));
  EXPECT_THAT(head(client), HasSubstr("Sec-WebSocket-Protocol: iotplatform.ack\r\n"));
  client.send(net::client_text(good_reading));
  ASSERT_TRUE(log_.wait_for(1));
  EXPECT_TRUE(client.is_silent_for(5ms));
  tell();
  EXPECT_EQ(next_frame(client), R"(text:{"accepted":1})");
}

TEST_F(WebSocketGatewayTest, BrowsersBringTheTokenAsAProtocol) {
  start();
  const std::string protocol = "bearer." + token();
  EXPECT_THAT(ask(upgrade("Sec-WebSocket-Protocol: " + protocol + "\r\n")),
              HasSubstr("Sec-WebSocket-Protocol: " + protocol + "\r\n"));
  EXPECT_THAT(ask(upgrade("Sec-WebSocket-Protocol: " + protocol + ", iotplatform.ack\r\n")),
              HasSubstr("Sec-WebSocket-Protocol: iotplatform.ack\r\n"));
  EXPECT_EQ(status_of(ask(upgrade("Sec-WebSocket-Protocol: bearer.x\r\n"))), 403);
  EXPECT_EQ(status_of(ask(upgrade("Sec-WebSocket-Protocol: iotplatform.ack\r\n"))), 401);
}

TEST_F(WebSocketGatewayTest, RefusesByStatus) {
  start();
  const auto with = [](const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; };
  const std::string expired = with(token(3, 1, access::Audience::device, 10s));
  clock_.advance(60s);
  const struct {
    const char* what;
    std::string request;
    int status;
    const char* says;
  } cases[] = {
      {"no token", upgrade(""), 401, "WWW-Authenticate: Bearer"},
      {"another scheme", upgrade("Authorization: Basic abc\r\n"), 401, "WWW-Authenticate: Bearer"},
      {"no token behind the scheme", upgrade("Authorization: Bearer \r\n"), 401, ""},
      {"garbage", upgrade(with("abc")), 403, "Forbidden"},
      {"expired", upgrade(expired), 403, ""},
      {"of a consumer", upgrade(with(token(3, 1, access::Audience::consumer))), 403, ""},
      {"of a user", upgrade(with(token(3, 1, access::Audience::user))), 403, ""},
      {"of a rotated key", upgrade(with(token(3, 2))), 403, ""},
      {"of a device that is gone", upgrade(with(token(99))), 403, ""},
      {"no upgrade", "GET / HTTP/1.1\r\nHost: x\r\n" + bearer_ + "\r\n", 426, "Upgrade: websocket\r\n"},
      {"a POST", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 426, "Upgrade: websocket\r\n"},
      {"a POST that upgrades",
       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 405, ""},
      {"another version",
       "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
       426, "Sec-WebSocket-Version: 13\r\n"},
      {"no key",
       "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n",
       400, ""},
      {"MQTT where there is none", upgrade("Sec-WebSocket-Protocol: mqtt\r\n", "/mqtt"), 404, ""},
      {"an echo without a token where echo is off", upgrade("", "/echo"), 401, ""},
  };
  for (const auto& each : cases) {
    const std::string answer = ask(each.request);
    EXPECT_EQ(status_of(answer), each.status) << each.what << "\n" << answer;
    EXPECT_THAT(answer, HasSubstr(each.says)) << each.what;
  }
  EXPECT_EQ(open_.size(), 0u);
  EXPECT_EQ(status_of(ask(upgrade(bearer_))), 101);
}

TEST_F(WebSocketGatewayTest, AsksPagesForTheirOriginAndNobodyElse) {
  start({.origins = {"https://a.example", "https://b.example:8443"}});
  EXPECT_EQ(status_of(ask(upgrade(bearer_ + "Origin: https://a.example\r\n"))), 101);
  EXPECT_EQ(status_of(ask(upgrade(bearer_ + "Origin: https://B.example:8443\r\n"))), 101);
  for (const char* origin : {"https://b.example", "http://a.example", "https://a.example.evil", "null"}) {
    EXPECT_EQ(status_of(ask(upgrade(bearer_ + "Origin: " + origin + "\r\n"))), 403) << origin;
  }
  EXPECT_EQ(status_of(ask(upgrade(bearer_))), 101) << "no browser";
}

TEST_F(WebSocketGatewayTest, EachDeviceAndAllTogetherHaveALimit) {
  start({.connections = {.connections_max = 4}});
  std::vector<std::unique_ptr<net::RawClient>> clients;
  const auto open = [&](const std::string& authorization) {
    clients.push_back(std::make_unique<net::RawClient>(server_->address()));
    clients.back()->send(upgrade(authorization));
    return head(*clients.back());
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status_of(open(bearer_)), 101);
  const std::string many = open(bearer_);
  EXPECT_EQ(status_of(many), 429);
  EXPECT_THAT(many, HasSubstr("Retry-After: 1\r\n"));
  const std::string other = "Authorization: Bearer " + token(5) + "\r\n";
  EXPECT_EQ(status_of(open(other)), 101);
  EXPECT_EQ(status_of(open(other)), 503);
  EXPECT_EQ(open_.size(), 4u);
}

TEST_F(WebSocketGatewayTest, ARotatedKeyEndsOpenConnections) {
  start();
  net::RawClient client(server_->address());
  client.send(upgrade(bearer_));
  ASSERT_EQ(status_of(head(client)), 101);
  registry::Snapshot next = *registry_.snapshot();
  registry::Change change = registry::device_set(ingest::testing::device, {.owner = root_user, .key_version = 2});
  change.sequence = next.version + 1;
  registry::Removals removed;
  registry::apply(next, change, &removed);
  registry_.set(std::move(next));
  registry_.withdraw(removed.withdrawal);
  EXPECT_EQ(next_frame(client), "close 1008:the key was rotated");
  EXPECT_EQ(status_of(ask(upgrade(bearer_))), 403);
}

TEST_F(WebSocketGatewayTest, EchoesInTheConformanceProfile) {
  start({.echo = true});
  net::RawClient client(server_->address());
  client.send(upgrade("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n", "/echo"));
  EXPECT_THAT(head(client), HasSubstr("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover"));
  client.send(net::client_text("hello"));
  EXPECT_EQ(next_frame(client), "text:hello");
  client.send(net::client_frame(0x82, "there"));
  EXPECT_EQ(next_frame(client), "binary:there");
}

TEST_F(WebSocketGatewayTest, HandsMqttOverWithWhatHasCome) {
  std::promise<std::string> received;
  const auto serve = [&](std::size_t, std::unique_ptr<net::Transport> transport, std::string peer_address) {
    char space[100];
    const auto outcome = transport->receive(space);
    transport->send("\x20\x02", std::string_view("\0\0", 2));
    transport->finish_sending();
    received.set_value(peer_address + ":" + std::string(space, outcome.bytes));
  };
  start({}, serve);
  EXPECT_EQ(status_of(ask(upgrade("", "/mqtt"))), 400) << "the subprotocol is missing";
  net::RawClient client(server_->address());
  client.send(upgrade("Sec-WebSocket-Protocol: mqttv3.1, mqtt\r\n", "/mqtt") + net::client_frame(0x82, "CONNECT"));
  EXPECT_THAT(head(client), HasSubstr("Sec-WebSocket-Protocol: mqtt\r\n"));
  EXPECT_EQ(received.get_future().get(), "127.0.0.1:CONNECT");
  EXPECT_EQ(next_frame(client), std::string("binary:\x20\x02\0\0", 11));
}

TEST_F(WebSocketGatewayTest, AStopSaysSoToAllThatAreOpen) {
  start();
  net::RawClient client(server_->address());
  client.send(upgrade(bearer_));
  ASSERT_EQ(status_of(head(client)), 101);
  std::thread closer([&] {
    EXPECT_EQ(next_frame(client), "close 1001:the platform is stopping");
    client.send(net::client_close(1001));
    EXPECT_EQ(client.read_all(), "");
  });
  // Its own frame is read while the stop waits for it.
  stop();
  closer.join();
  EXPECT_EQ(open_.size(), 0u);
}

}  // namespace
}  // namespace iot::gateway

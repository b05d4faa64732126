#include "gateway/http/http_gateway.h"

#include <future>

#include <gtest/gtest.h>
#include <zlib.h>

#include "access/testing/test_key.h"
#include "gateway/sending_limits.h"
#include "gateway/testing/fixed_registry.h"
#include "ingest/testing/manual_log.h"
#include "ingest/testing/sample_snapshot.h"
#include "net/http_server.h"
#include "net/raw_client.h"

namespace iot::gateway {
namespace {

using namespace std::chrono_literals;
using net::body_of;
using net::status_of;

constexpr std::string_view good_reading = R"({"sensor_id":"4","timestamp":1526717967,"value":"91827364"})";

class HttpGatewayTest : public ::testing::Test {
 protected:
  HttpGatewayTest() { tokens_.set_key(access::testing::test_key()); }

  void start(HttpGatewayLimits limits = {}, SendingRates rates = {}, net::HttpLimits http_limits = {}) {
    sending_.emplace(rates, SendingRates{}, metrics_);
    gateway_ = make_http_gateway({registry_, tokens_, ingestor_, metrics_, clock_, *sending_, pool_.size()}, limits);
    auto server = net::HttpServer::listen(pool_, *gateway_, metrics_, "http", "127.0.0.1", 0, http_limits);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    pool_.run();
  }

  void TearDown() override {
    if (server_) {
      std::promise<void> done;
      server_->stop(std::chrono::steady_clock::now(), [&] { done.set_value(); });
      done.get_future().wait();
    }
    pool_.stop();
    pool_.join();
  }

  std::string token(std::int64_t device = 3, std::uint64_t key_version = 1,
                    access::Audience audience = access::Audience::device,
                    std::optional<std::chrono::seconds> lifetime = {}) const {
    return *tokens_.issue({.audience = audience, .subject = device, .key_version = key_version, .expires = {}},
                          lifetime);
  }

  static std::string request(std::string_view head, std::string_view body) {
    return std::string(head) + "Host: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
  }
  std::string post(std::string_view body, std::string_view more = "") const {
    return request("POST / HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer " + token() + "\r\n" +
                       std::string(more),
                   body);
  }

  /// The answer to a request that reaches no log.
  std::string ask(const std::string& bytes) {
    net::RawClient client(server_->address());
    client.send(bytes);
    return client.read_response();
  }
  /// The answer to a request that waits for the log, which then says `outcome`.
  std::string ask_and_tell(const std::string& bytes, const std::optional<Error>& outcome = {}) {
    net::RawClient client(server_->address());
    client.send(bytes);
    EXPECT_TRUE(log_.wait_for(1));
    log_.tell(outcome);
    ingestor_.group_ended();
    return client.read_response();
  }

  static registry::Snapshot snapshot(std::uint64_t version, std::uint64_t key_version = 1) {
    registry::Snapshot snapshot = ingest::testing::sample_snapshot();
    snapshot.version = version;
    registry::DeviceEntry device;
    device.key_version = key_version;
    snapshot.devices.set(ingest::testing::device, device);
    return snapshot;
  }

  ManualClock clock_;
  Metrics metrics_;
  testing::FixedRegistry registry_{snapshot(1)};
  access::Tokens tokens_{{}, clock_};
  net::IoPool pool_{2};
  ingest::testing::ManualLog log_;
  ingest::Ingestor ingestor_{log_, metrics_, {pool_.loop(0).get_executor(), pool_.loop(1).get_executor()}};
  std::optional<SendingLimits> sending_;
  std::unique_ptr<net::HttpHandler> gateway_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(HttpGatewayTest, AcknowledgesAReadingOnceTheLogHasIt) {
  start();
  net::RawClient client(server_->address());
  client.send(post(good_reading));
  ASSERT_TRUE(log_.wait_for(1));
  EXPECT_TRUE(client.is_silent_for(20ms));
  log_.tell();
  EXPECT_TRUE(client.is_silent_for(5ms));
  ingestor_.group_ended();
  const std::string response = client.read_response();
  EXPECT_EQ(status_of(response), 200);
  EXPECT_EQ(body_of(response), R"({"accepted":1})");
  ASSERT_EQ(log_.stored().size(), 1u);
  EXPECT_EQ(log_.stored()[0].device, DeviceId{3});
  EXPECT_EQ(log_.stored()[0].real(0), 91827364.0);
}

TEST_F(HttpGatewayTest, CountsTheReadingsOfAnArray) {
  start();
  const std::string array = "[" + std::string(good_reading) + "," + std::string(good_reading) + "]";
  EXPECT_EQ(body_of(ask_and_tell(post(array))), R"({"accepted":2})");
  EXPECT_EQ(body_of(ask(post("[]"))), R"({"accepted":0})");
}

TEST_F(HttpGatewayTest, HeaderNamesAndTypesHaveNoCase) {
  start();
  for (const char* type :
       {"application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;a=b"}) {
    const std::string bytes = request("POST /?ignored HTTP/1.1\r\ncontent-type: " + std::string(type) +
                                          "\r\nauthorization: bearer " + token() + "\r\n",
                                      good_reading);
    EXPECT_EQ(status_of(ask_and_tell(bytes)), 200) << type;
  }
}

TEST_F(HttpGatewayTest, RefusesByStatus) {
  start({}, {}, {.body_bytes_max = 1000});
  const std::string json = "Content-Type: application/json\r\n";
  const std::string bearer = "Authorization: Bearer ";
  const std::string line = "POST / HTTP/1.1\r\n";
  const std::string good = bearer + token() + "\r\n";
  struct Case {
    const char* what;
    std::string request;
    int status;
    const char* says;
  };
  const Case cases[] = {
      {"another path", request("POST /readings HTTP/1.1\r\n" + json + good, good_reading), 404, "NotFound"},
      {"echo where it is off", request("POST /echo HTTP/1.1\r\n" + json + good, good_reading), 404, "NotFound"},
      {"GET", request("GET / HTTP/1.1\r\n" + json + good, ""), 405, "Allow: POST\r\n"},
      {"PUT", request("PUT / HTTP/1.1\r\n" + json + good, good_reading), 405, "Allow: POST\r\n"},
      {"an unknown method", request("BREW / HTTP/1.1\r\n" + json + good, good_reading), 405, "Allow: POST\r\n"},
      {"TRACE", request("TRACE / HTTP/1.1\r\n" + json + good, ""), 405, "Allow: POST\r\n"},
      {"no authorization", request(line + json, good_reading), 401, "WWW-Authenticate: Bearer\r\n"},
      {"another scheme", request(line + json + "Authorization: Basic cm9vdDpyb290\r\n", good_reading), 401,
       "Unauthorized"},
      {"an empty token", request(line + json + bearer + "\r\n", good_reading), 401, "Unauthorized"},
      {"two tokens", request(line + json + bearer + token() + " x\r\n", good_reading), 401, "Unauthorized"},
      {"no token", request(line + json + bearer + "hello\r\n", good_reading), 403, "Forbidden"},
      {"a signature that is changed", request(line + json + bearer + token() + "A\r\n", good_reading), 403,
       "Forbidden"},
      {"a user's token", request(line + json + bearer + token(3, 1, access::Audience::user) + "\r\n", good_reading),
       403, "Forbidden"},
      {"a consumer's token",
       request(line + json + bearer + token(3, 1, access::Audience::consumer) + "\r\n", good_reading), 403,
       "Forbidden"},
      {"a device that is gone", request(line + json + bearer + token(77) + "\r\n", good_reading), 403, "Forbidden"},
      {"an old key", request(line + json + bearer + token(3, 0) + "\r\n", good_reading), 403, "Forbidden"},
      {"a new key", request(line + json + bearer + token(3, 2) + "\r\n", good_reading), 403, "Forbidden"},
      {"no length", line + "Host: x\r\n" + json + good + "\r\n", 411, "LengthRequired"},
      {"too large", request(line + json + good, std::string(1001, ' ')), 413, "TooLarge"},
      {"no type", request(line + good, good_reading), 415, "application/json"},
      {"another type", request(line + "Content-Type: text/plain\r\n" + good, good_reading), 415, "application/json"},
      {"nearly the type", request(line + "Content-Type: application/jsonx\r\n" + good, good_reading), 415,
       "application/json"},
      {"another encoding", request(line + json + good + "Content-Encoding: br\r\n", good_reading), 415, "encoding"},
      {"no gzip", request(line + json + good + "Content-Encoding: gzip\r\n", good_reading), 400, "encoding"},
      {"no JSON", request(line + json + good, "hello"), 400, "ReadingsRefused"},
      {"an unknown sensor", request(line + json + good, R"({"sensor_id":"99","value":1})"), 400,
       "\"field\":\"sensor_id\""},
      {"another's sensor", request(line + json + good, R"({"sensor_id":"100","value":1})"), 400,
       "\"field\":\"sensor_id\""},
      {"another expectation", request(line + json + good + "Expect: cake\r\n", good_reading), 417, "BadRequest"},
  };
  for (const Case& test : cases) {
    const std::string response = ask(test.request);
    EXPECT_EQ(status_of(response), test.status) << test.what << "\n" << response;
    EXPECT_NE(response.find(test.says), std::string::npos) << test.what << "\n" << response;
    EXPECT_NE(response.find("\"errors\":[{"), std::string::npos) << test.what;
  }
  EXPECT_EQ(log_.appended(), 0u);
}

TEST_F(HttpGatewayTest, ListsEveryFaultAndStoresNothing) {
  start();
  const std::string response =
      ask(post("[" + std::string(good_reading) + R"(,{"sensor_id":"4","value":"x"},{"sensor_id":"99","value":1}])"));
  EXPECT_EQ(status_of(response), 400);
  EXPECT_NE(response.find("\"index\":1,\"field\":\"value\""), std::string::npos) << response;
  EXPECT_NE(response.find("\"index\":2,\"field\":\"sensor_id\""), std::string::npos) << response;
  EXPECT_EQ(log_.appended(), 0u);
}

TEST_F(HttpGatewayTest, TooManyReadingsAreTooLarge) {
  start({.decode = {.readings_max = 1}});
  EXPECT_EQ(status_of(ask(post("[" + std::string(good_reading) + "," + std::string(good_reading) + "]"))), 413);
}

TEST_F(HttpGatewayTest, ARotatedKeyStopsTheNextRequest) {
  start();
  net::RawClient client(server_->address());
  const std::string bytes = post(good_reading);
  for (int i = 0; i < 2; ++i) {
    client.send(bytes);
    ASSERT_TRUE(log_.wait_for(1));
    log_.tell();
    ingestor_.group_ended();
    EXPECT_EQ(status_of(client.read_response()), 200);
  }
  registry_.set(snapshot(2, 2));
  client.send(bytes);
  EXPECT_EQ(status_of(client.read_response()), 403);
  // And a sensor that is removed is unknown at once.
  registry::Snapshot without = snapshot(3);
  without.sensors.erase(SensorId{4});
  registry_.set(std::move(without));
  client.send(bytes);
  EXPECT_EQ(status_of(client.read_response()), 400);
}

TEST_F(HttpGatewayTest, AnExpiredTokenStopsWorking) {
  start();
  const std::string bytes = request("POST / HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer " +
                                        token(3, 1, access::Audience::device, 60s) + "\r\n",
                                    good_reading);
  EXPECT_EQ(status_of(ask_and_tell(bytes)), 200);
  clock_.advance(120s);
  EXPECT_EQ(status_of(ask(bytes)), 403);
}

TEST_F(HttpGatewayTest, WhatTheLogCannotTakeMayBeTriedAgain) {
  start({.retry_after = 7s});
  log_.refuse_with(make_error(log::Errc::overloaded, "the event log is full"));
  std::string response = ask(post(good_reading));
  EXPECT_EQ(status_of(response), 503);
  EXPECT_NE(response.find("Retry-After: 7\r\n"), std::string::npos);
  log_.refuse_with(make_error(log::Errc::too_large, "too large"));
  EXPECT_EQ(status_of(ask(post(good_reading))), 413);
  log_.refuse_with({});
  for (const log::Errc code : {log::Errc::disk_full, log::Errc::write_failed, log::Errc::shutting_down}) {
    response = ask_and_tell(post(good_reading), make_error(code, "failed"));
    EXPECT_EQ(status_of(response), 503);
    EXPECT_NE(response.find("Retry-After: 7\r\n"), std::string::npos);
  }
  EXPECT_TRUE(log_.stored().empty());
}

TEST_F(HttpGatewayTest, ADeviceThatSendsTooMuchIsToldWhenToGoOn) {
  start({}, {.readings_per_s_max = 2});
  const std::string two = "[" + std::string(good_reading) + "," + std::string(good_reading) + "]";
  EXPECT_EQ(status_of(ask_and_tell(post(two))), 200);
  const std::string response = ask(post(two));
  EXPECT_EQ(status_of(response), 429);
  EXPECT_NE(response.find("Retry-After: 1\r\n"), std::string::npos) << response;
  clock_.advance(1s);
  EXPECT_EQ(status_of(ask_and_tell(post(two))), 200);
}

TEST_F(HttpGatewayTest, EchoesForTestSuites) {
  start({.echo = true});
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    const std::string response =
        ask(request(std::string(method) + " /echo HTTP/1.1\r\nContent-Type: text/x\r\n", "hello"));
    EXPECT_EQ(status_of(response), 200) << method;
    EXPECT_EQ(body_of(response), "hello") << method;
    EXPECT_NE(response.find("Content-Type: text/x\r\n"), std::string::npos);
  }
}

TEST_F(HttpGatewayTest, PipelinedReadingsAreAnsweredInOrder) {
  start();
  net::RawClient client(server_->address());
  client.send(post(good_reading) + post("nonsense") + post(good_reading));
  ASSERT_TRUE(log_.wait_for(1));
  log_.tell();
  ingestor_.group_ended();
  EXPECT_EQ(status_of(client.read_response()), 200);
  EXPECT_EQ(status_of(client.read_response()), 400);
  ASSERT_TRUE(log_.wait_for(1));
  log_.tell();
  ingestor_.group_ended();
  EXPECT_EQ(status_of(client.read_response()), 200);
}

TEST_F(HttpGatewayTest, TakesCompressedReadings) {
  start();
  std::string packed(1000, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(good_reading.data()));
  stream.avail_in = static_cast<uInt>(good_reading.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  EXPECT_EQ(status_of(ask_and_tell(post(packed, "Content-Encoding: gzip\r\n"))), 200);
  EXPECT_EQ(log_.stored()[0].real(0), 91827364.0);
}

}  // namespace
}  // namespace iot::gateway

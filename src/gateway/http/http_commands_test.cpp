#include "gateway/http/http_commands.h"

#include <future>

#include <gmock/gmock.h>

#include "access/testing/test_key.h"
#include "gateway/http/http_gateway.h"
#include "gateway/open_connections.h"
#include "gateway/sending_limits.h"
#include "ingest/testing/manual_log.h"
#include "net/http_server.h"
#include "net/raw_client.h"
#include "registry/testing/registry_fixture.h"

namespace iot::gateway {
namespace {

using net::body_of;
using net::status_of;
using registry::CommandState;
using registry::DeviceCommand;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

class HttpCommandsTest : public registry::OpenRegistryTest {
 protected:
  void SetUp() override {
    OpenRegistryTest::SetUp();
    tokens_.set_key(access::testing::test_key());
    device_ = client_->device();
    commands_ = std::move(Commands::open(*registry_, clock_, metrics_, {}).value());
    connections_ = std::make_unique<OpenConnections>(
        *registry_, std::vector<boost::asio::any_io_executor>{pool_.loop(0).get_executor()}, metrics_,
        OpenConnectionsLimits{});
    gateway_ = make_http_gateway(
        {*registry_, tokens_, ingestor_, metrics_, clock_, sending_, pool_.size(), commands_.get(), connections_.get()},
        {});
    net::HttpLimits limits;
    limits.length_required = true;
    auto server = net::HttpServer::listen(pool_, *gateway_, metrics_, "http", "127.0.0.1", 0, limits);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    pool_.run();
  }
  void TearDown() override { stop(); }
  void stop() {
    if (!server_) return;
    commands_->stop();
    std::promise<void> done;
    server_->stop(std::chrono::steady_clock::now() + 1min, [&] { done.set_value(); });
    done.get_future().wait();
    registry_->stop();
    pool_.stop();
    pool_.join();
    server_.reset();
  }

  std::string head(std::string_view line, DeviceId device) const {
    return std::string(line) + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
           *tokens_.issue(
               {.audience = access::Audience::device, .subject = device.value, .key_version = 1, .expires = {}}, {}) +
           "\r\n";
  }
  std::string ask(const std::string& bytes) {
    net::RawClient client(server_->address());
    client.send(bytes);
    return client.read_response();
  }
  std::string get(const std::string& target) { return ask(head("GET " + target, device_) + "\r\n"); }
  std::string respond(std::int64_t id, const std::string& body, std::optional<DeviceId> device = {}) {
    return ask(head("POST /commands/" + std::to_string(id) + "/response", device.value_or(device_)) +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  std::int64_t make() {
    const auto made = registry::wait_for<DeviceCommand>([&](auto done) {
      commands_->create({root_user, "192.0.2.7"}, {device_, "reboot", "1", 1h}, done);
    });
    return made.value().id.value;
  }
  CommandState state(std::int64_t id) {
    EXPECT_TRUE(registry::wait_for<void>(
        [&](auto done) { registry_->device_records().store_presence({}, {}, std::move(done)); }));
    return registry_->device_records().command(device_, {id}).value().state;
  }
  /// Until the server has the poll.
  void wait_until_it_waits() {
    const auto deadline = std::chrono::steady_clock::now() + 1min;
    while (commands_->polls() == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    ASSERT_EQ(commands_->polls(), 1u);
  }

  Metrics metrics_;
  access::Tokens tokens_{{}, clock_};
  net::IoPool pool_{1};
  ingest::testing::ManualLog log_;
  ingest::Ingestor ingestor_{log_, metrics_, {pool_.loop(0).get_executor()}};
  DeviceId device_;
  std::unique_ptr<Commands> commands_;
  std::unique_ptr<OpenConnections> connections_;
  SendingLimits sending_{{}, {}, metrics_};
  std::unique_ptr<net::HttpHandler> gateway_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(HttpCommandsTest, GiveWhatWaitsAndTakeTheAnswer) {
  const auto id = make();
  const auto answer = get("/commands?wait=30");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), R"({"commands":[{"id":"1","name":"reboot","payload":1,)"
                             R"("expires":"2018-05-19T09:19:27.000Z"}]})");
  EXPECT_EQ(state(id), CommandState::sent);
  const auto answered = respond(id, R"({"done":true})");
  EXPECT_EQ(body_of(answered), R"({"id":"1","state":"acknowledged"})");
  EXPECT_EQ(body_of(get("/commands")), R"({"commands":[]})");
  EXPECT_EQ(body_of(respond(id, "again")), R"({"id":"1","state":"acknowledged"})");
}

TEST_F(HttpCommandsTest, AfterSaysWhatWasReceived) {
  const auto id = make();
  get("/commands");
  EXPECT_EQ(body_of(get("/commands?after=" + std::to_string(id))), R"({"commands":[]})");
  EXPECT_EQ(state(id), CommandState::delivered);
}

TEST_F(HttpCommandsTest, WaitForACommandThatComesLater) {
  net::RawClient client(server_->address());
  client.send(head("GET /commands?wait=60", device_) + "\r\n");
  wait_until_it_waits();
  make();
  EXPECT_THAT(client.read_response(), HasSubstr(R"("name":"reboot")"));
}

TEST_F(HttpCommandsTest, EndWithNothingWhenTheServerStops) {
  net::RawClient client(server_->address());
  client.send(head("GET /commands?wait=60", device_) + "\r\n");
  wait_until_it_waits();
  const auto begin = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
  EXPECT_THAT(client.read_response(), HasSubstr(R"({"commands":[]})"));
}

TEST_F(HttpCommandsTest, EndWhenTheKeyIsRotated) {
  net::RawClient client(server_->address());
  client.send(head("GET /commands?wait=60", device_) + "\r\n");
  wait_until_it_waits();
  ASSERT_TRUE(client_->rotate_device_key(device_));
  EXPECT_EQ(status_of(client.read_response()), 403);
  EXPECT_EQ(status_of(get("/commands")), 403);
}

TEST_F(HttpCommandsTest, RefuseWhatIsNotAsked) {
  const auto id = make();
  EXPECT_EQ(status_of(respond(id, "1", client_->device())), 404) << "another device's";
  EXPECT_EQ(status_of(respond(99, "1")), 404);
  EXPECT_EQ(status_of(respond(id, std::string(65'537, '1'))), 413);
  EXPECT_EQ(status_of(get("/commands?wait=61")), 400);
  EXPECT_EQ(status_of(get("/commands?wait=-1")), 400);
  EXPECT_EQ(status_of(get("/commands?wait=1x")), 400);
  EXPECT_EQ(status_of(get("/commands?after=x")), 400);
  EXPECT_EQ(status_of(get("/commands?since=1")), 400);
  EXPECT_EQ(status_of(get("/commands/1")), 404);
  EXPECT_EQ(status_of(get("/commands/1/response")), 405);
  EXPECT_EQ(status_of(ask(head("POST /commands", device_) + "Content-Length: 0\r\n\r\n")), 405);
  EXPECT_EQ(status_of(ask(head("POST /commands/1/response", device_) + "\r\n")), 411);
  EXPECT_EQ(status_of(ask("GET /commands HTTP/1.1\r\nHost: x\r\n\r\n")), 401);
  EXPECT_EQ(status_of(get("/commandsx")), 404);
}

TEST_F(HttpCommandsTest, AreASignOfLife) {
  get("/commands");
  const auto presence = connections_->presence(device_);
  ASSERT_TRUE(presence);
  EXPECT_EQ(presence->last_seen, clock_.now());
  EXPECT_EQ(presence->protocol, Protocol::http);
}

}  // namespace
}  // namespace iot::gateway

// How a connection shares its loop with others, over a scripted wire; what it says is in http_server_test.cpp.
#include "net/http_connection.h"

#include <gtest/gtest.h>

#include "net/websocket/scripted_peer.h"

namespace iot::net {
namespace {

using namespace std::chrono_literals;

class Answering final : public HttpHandler {
 public:
  void handle(HttpExchange& exchange) override { exchange.respond({.body = "answer"}); }
  HttpResponse refuse(unsigned status, std::string_view) override { return {.status = status}; }
};

class HttpConnectionTest : public testing::Test {
 protected:
  HttpConnectionTest() {
    auto connection = std::make_unique<HttpConnection>(loop_, std::make_unique<WireTransport>(wire_), "192.0.2.1");
    connection_ = connection.get();
    ++open_;
    loop_.adopt(std::move(connection), Admission(open_));
  }
  ~HttpConnectionTest() override {
    loop_.cut(nullptr);
    poller_.clear();
  }
  void turns(int count) {
    for (int i = 0; i < count; ++i) context_.poll_one();
    context_.restart();
  }
  bool is_gone() const { return wire_->server_has_closed; }

  ManualClock clock_;
  Metrics metrics_;
  Answering handler_;
  boost::asio::io_context context_;
  Poller poller_{context_};
  std::atomic<std::size_t> open_{0};
  std::shared_ptr<HttpShared> shared_ =
      std::make_shared<HttpShared>(HttpShared{handler_, HttpLimits{}, HttpMetrics(metrics_, "test")});
  HttpLoop loop_{{context_, poller_, 0, open_, clock_}, shared_, 1u << 20};
  std::shared_ptr<Wire> wire_ = std::make_shared<Wire>();
  HttpConnection* connection_ = nullptr;
};

TEST_F(HttpConnectionTest, RequestsWithoutEndGiveWayToOthers) {
  wire_->repeats = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
  connection_->on_ready({.readable = true});
  EXPECT_TRUE(connection_->place.gave_way);
  EXPECT_FALSE(wire_->to_client.empty());
  wire_->repeats.clear();
  turns(10);
  EXPECT_FALSE(connection_->place.gave_way);
  EXPECT_TRUE(wire_->to_server.empty()) << "it goes on by itself";
  EXPECT_FALSE(is_gone());
}

TEST_F(HttpConnectionTest, WhoWasRefusedCannotGoOnForEver) {
  wire_->repeats = "nonsense\r\n\r\n";
  connection_->on_ready({.readable = true});
  EXPECT_TRUE(wire_->to_client.starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(connection_->place.gave_way);
  turns(10);
  EXPECT_FALSE(is_gone());
  clock_.advance(4s);
  for (std::size_t i = 0; i < tick_phases; ++i) loop_.tick();
  EXPECT_TRUE(is_gone());
  turns(10);
}

}  // namespace
}  // namespace iot::net

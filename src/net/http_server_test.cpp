#include "net/http_server.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/connection_loop.h"
#include "net/raw_client.h"

namespace iot::net {
namespace {

using namespace std::chrono_literals;

/// Within this, a loop has looked at each of its connections.
constexpr auto a_visit = visit_interval + tick_interval;

constexpr std::string_view static_answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstatic";

/// Answers with what it was asked; "/later" keeps the exchange until the test answers it, "/throw" throws, "/static" is
/// answered statically, "/large" with eight mebibytes, "/upgrade" leaves HTTP.
class Echo final : public HttpHandler {
 public:
  void handle(HttpExchange& exchange) override {
    const HttpRequest& request = exchange.request();
    if (request.path == "/throw") throw std::runtime_error("thrown by the test");
    if (request.path == "/static") return exchange.respond_static(static_answer);
    if (request.path == "/large") return exchange.respond({.body = std::string(8u << 20, 'x')});
    if (request.path == "/later") {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(&exchange);
      changed_.notify_all();
      return;
    }
    if (request.path == "/upgrade") {
      const std::lock_guard lock(mutex_);
      taken_.emplace(exchange.take_over());
      changed_.notify_all();
      return;
    }
    exchange.respond({.status = 200,
                      .body = std::string(to_string(request.method)) + " " + std::string(request.target) + " " +
                              std::string(request.body),
                      .content_type = "text/plain",
                      .headers = {{"X-Agent", std::string(request.header("user-agent"))}}});
  }
  HttpResponse refuse(unsigned status, std::string_view reason) override {
    return {.status = status, .body = std::string(reason)};
  }

  /// The exchange of a request to /later, once it is there.
  HttpExchange& wait_for_exchange() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 20s, [&] { return !waiting_.empty(); })) throw std::runtime_error("no request came");
    HttpExchange* exchange = waiting_.front();
    waiting_.erase(waiting_.begin());
    return *exchange;
  }
  TakenConnection wait_for_taken() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 20s, [&] { return taken_.has_value(); })) throw std::runtime_error("no upgrade came");
    TakenConnection taken = std::move(*taken_);
    taken_.reset();
    return taken;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpExchange*> waiting_;
  std::optional<TakenConnection> taken_;
};

void answer(HttpExchange& exchange, std::string body) {
  boost::asio::post(exchange.executor(),
                    [&exchange, body = std::move(body)]() mutable { exchange.respond({.body = std::move(body)}); });
}

class HttpServerTest : public testing::Test {
 protected:
  void start(HttpLimits limits = {}) {
    auto server = HttpServer::listen(pool_, handler_, metrics_, "test", "127.0.0.1", 0, limits, clock_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    pool_.run();
  }
  void TearDown() override {
    if (server_) stop(0s);
    pool_.stop();
    pool_.join();
  }
  /// Stops the server and waits for that.
  void stop(std::chrono::seconds within) {
    std::promise<void> done;
    server_->stop(std::chrono::steady_clock::now() + within, [&] { done.set_value(); });
    ASSERT_EQ(done.get_future().wait_for(20s), std::future_status::ready);
    server_.reset();
  }
  std::string address() const { return server_->address(); }
  std::string exchange(std::string_view request) {
    RawClient client(address());
    client.send(request);
    client.finish_sending();
    return client.read_all();
  }

  ManualClock clock_;
  Metrics metrics_;
  Echo handler_;
  IoPool pool_{2};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersARequestAndKeepsTheConnection) {
  start();
  RawClient client(address());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /a?b=c HTTP/1.1\r\nHost: x\r\nUser-Agent: me\r\n\r\n");
    EXPECT_EQ(
        client.read_response(),
        "HTTP/1.1 200 OK\r\nDate: Sat, 19 May 2018 08:19:27 GMT\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n"
        "X-Agent: me\r\n\r\nGET /a?b=c ");
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(address());
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    requests +=
        "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n" + std::to_string(i % 10);
  }
  std::thread sender([&] { client.send(requests); });
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(body_of(client.read_response()), "POST /" + std::to_string(i) + " " + std::to_string(i % 10));
  }
  sender.join();
}

TEST_F(HttpServerTest, ALaterAnswerHoldsBackThoseBehindIt) {
  start();
  RawClient client(address());
  client.send(
      "GET /static HTTP/1.1\r\nHost: x\r\n\r\nGET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: "
      "x\r\n\r\n");
  EXPECT_EQ(body_of(client.read_response()), "static");
  HttpExchange& later = handler_.wait_for_exchange();
  EXPECT_TRUE(client.is_silent_for(20ms));
  answer(later, "now");
  EXPECT_EQ(body_of(client.read_response()), "now");
  EXPECT_EQ(body_of(client.read_response()), "GET /b ");
}

TEST_F(HttpServerTest, RequestsMayComeByteByByte) {
  start();
  const std::string request =
      "\r\nPOST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;e=1\r\nde\r\n0\r\nT: "
      "v\r\n\r\n"
      "PUT /y HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nxyz";
  RawClient client(address());
  for (const char byte : request) client.send({&byte, 1});
  EXPECT_EQ(body_of(client.read_response()), "POST /x abcde");
  EXPECT_EQ(body_of(client.read_all()), "PUT /y xyz");
}

TEST_F(HttpServerTest, ABodyLargerThanTheFirstBufferArrivesWhole) {
  start();
  RawClient client(address());
  std::string body(3'000'000, 'a');
  for (std::size_t i = 0; i < body.size(); i += 97) body[i] = static_cast<char>('a' + i % 26);
  std::thread sender([&] {
    client.send("POST /x?q=1 HTTP/1.1\r\nHost: x\r\nUser-Agent: me\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
  });
  const std::string response = client.read_response();
  sender.join();
  // The views into the header have followed the buffer.
  EXPECT_NE(response.find("X-Agent: me\r\n"), std::string::npos);
  EXPECT_TRUE(body_of(response) == "POST /x?q=1 " + body);
}

TEST_F(HttpServerTest, HeadAnswersTheHeaderAlone) {
  start();
  RawClient client(address());
  client.send(
      "HEAD /static HTTP/1.1\r\nHost: x\r\n\r\nHEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.read_response(true).find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_NE(client.read_response(true).find("Content-Length: 8\r\n"), std::string::npos);
  EXPECT_EQ(body_of(client.read_response()), "GET /b ");
}

TEST_F(HttpServerTest, TheConnectionEndsWhereTheClientWantsIt) {
  start();
  EXPECT_EQ(status_of(exchange("GET / HTTP/1.0\r\n\r\n")), 200);
  RawClient client(address());
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(client.read_response().find("Connection: keep-alive\r\n"), std::string::npos);
  client.send("GET /static HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(client.read_all().find("Connection: close\r\n"), std::string::npos);
}

TEST_F(HttpServerTest, AClientThatFinishedSendingGetsItsAnswer) {
  start();
  RawClient client(address());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  client.finish_sending();
  answer(handler_.wait_for_exchange(), "late");
  EXPECT_EQ(body_of(client.read_all()), "late");
}

TEST_F(HttpServerTest, WhoeverAnswersCanSeeThatTheClientHasClosed) {
  start();
  const auto closes = [](const HttpExchange& exchange) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!exchange.request().peer_closed->load() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    return exchange.request().peer_closed->load();
  };
  for (const bool resets : {false, true}) {
    RawClient client(address());
    client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    HttpExchange& held = handler_.wait_for_exchange();
    EXPECT_FALSE(held.request().peer_closed->load());
    resets ? client.reset() : client.finish_sending();
    EXPECT_TRUE(closes(held));
    answer(held, "late");
  }
}

TEST_F(HttpServerTest, AClientThatIsGoneIsForgottenOnceAnswered) {
  start();
  RawClient client(address());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpExchange& later = handler_.wait_for_exchange();
  client.reset();
  answer(later, "nobody hears this");
  EXPECT_EQ(status_of(exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")), 200);
}

TEST_F(HttpServerTest, ContinuesOnlyWhenTheBodyIsMissing) {
  start();
  RawClient client(address());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_response(true), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  EXPECT_EQ(body_of(client.read_response()), "POST / ab");
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\ncd");
  EXPECT_EQ(body_of(client.read_response()), "POST / cd");
}

TEST_F(HttpServerTest, ATooLargeBodyIsRefusedBeforeItIsSent) {
  start({.body_bytes_max = 10});
  EXPECT_EQ(body_of(exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789")),
            "POST / 0123456789");
  RawClient client(address());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  const std::string response = client.read_response();
  EXPECT_EQ(status_of(response), 413);
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
}

TEST_F(HttpServerTest, ARefusalReachesAClientThatGoesOnSending) {
  start({.body_bytes_max = 10});
  RawClient client(address());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  client.send(std::string(100'000, 'x'));
  EXPECT_EQ(status_of(client.read_all()), 413);
}

TEST_F(HttpServerTest, AnExceptionEndsOneConnectionAlone) {
  start();
  RawClient other(address());
  EXPECT_EQ(exchange("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n"), "");
  other.send("GET /static HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(body_of(other.read_response()), "static");
}

TEST_F(HttpServerTest, ASlowReaderGetsALargeAnswerWhole) {
  start();
  RawClient client(address());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /static HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(body_of(client.read_response()).size(), 8u << 20);
  EXPECT_EQ(body_of(client.read_response()), "static");
}

TEST_F(HttpServerTest, ConnectionsPastTheLimitAreClosedAtOnce) {
  start({.connections_max = 2});
  RawClient first(address());
  auto second = std::make_unique<RawClient>(address());
  for (RawClient* client : {&first, second.get()}) {
    client->send("GET /static HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(body_of(client->read_response()), "static");
  }
  EXPECT_EQ(RawClient(address()).read_all(), "");
  // One that closes makes room; when the server notices is not for the client to know.
  second.reset();
  std::string response;
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (response.empty() && std::chrono::steady_clock::now() < deadline) {
    response = exchange("GET /static HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  EXPECT_EQ(body_of(response), "static");
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosedAfterItsTime) {
  start({.idle_s_max = 10s});
  RawClient client(address());
  client.send("GET /static HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_response();
  clock_.advance(9s);
  EXPECT_TRUE(client.is_silent_for(a_visit));
  clock_.advance(2s);
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpServerTest, ARequestThatDripsIsRefusedAfterItsTime) {
  start({.idle_s_max = 100s, .request_s_max = 10s});
  RawClient client(address());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n");
  EXPECT_TRUE(client.is_silent_for(a_visit));
  clock_.advance(9s);
  // Another byte gives no more time.
  client.send("A");
  EXPECT_TRUE(client.is_silent_for(a_visit));
  clock_.advance(2s);
  EXPECT_EQ(status_of(client.read_response()), 408);
}

TEST_F(HttpServerTest, AnAnswerThatNobodyTakesIsCutAfterItsTime) {
  start({.write_s_max = 10s});
  RawClient client(address());
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  // What fits the socket's buffers arrives; the rest waits for a reader.
  char byte = 0;
  ASSERT_EQ(::recv(client.socket(), &byte, 1, 0), 1);
  const auto written_off = [&] { return metrics_.scrape().find("waiting_for=\"write\"} 1") != std::string::npos; };
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!written_off() && std::chrono::steady_clock::now() < deadline) {
    clock_.advance(1s);
    std::this_thread::yield();
  }
  EXPECT_TRUE(written_off());
  EXPECT_LT(client.read_all().size(), 8u << 20);
}

TEST_F(HttpServerTest, ARequestThatIsAnsweredMayTakeItsTime) {
  start({.idle_s_max = 1s, .request_s_max = 1s, .write_s_max = 1s});
  RawClient client(address());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpExchange& later = handler_.wait_for_exchange();
  clock_.advance(1h);
  EXPECT_TRUE(client.is_silent_for(a_visit));
  answer(later, "at last");
  EXPECT_EQ(body_of(client.read_response()), "at last");
}

TEST_F(HttpServerTest, ManyHalfSentRequestsCannotTakeAllMemory) {
  start({.buffered_bytes_max = 2u << 20});
  std::vector<std::unique_ptr<RawClient>> clients;
  bool refused = false;
  const std::string part(300'000, 'x');
  for (int i = 0; i < 12 && !refused; ++i) {
    clients.push_back(std::make_unique<RawClient>(address()));
    clients.back()->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    clients.back()->send(part);
    refused = !clients.back()->is_silent_for(100ms) && status_of(clients.back()->read_response()) == 503;
  }
  EXPECT_TRUE(refused);
}

TEST_F(HttpServerTest, StoppingClosesIdleConnectionsAndFinishesAnswers) {
  start();
  RawClient idle(address());
  idle.send("GET /static HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.read_response();
  RawClient busy(address());
  busy.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpExchange& later = handler_.wait_for_exchange();
  std::promise<void> done;
  auto stopped = done.get_future();
  server_->stop(std::chrono::steady_clock::now() + 60s, [&] { done.set_value(); });
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(stopped.wait_for(20ms), std::future_status::timeout);
  answer(later, "finished");
  const std::string response = busy.read_all();
  EXPECT_EQ(body_of(response), "finished");
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(stopped.wait_for(20s), std::future_status::ready);
  EXPECT_THROW(RawClient{address()}, std::runtime_error);
  server_.reset();
}

TEST_F(HttpServerTest, WhatIsOpenAtTheDeadlineIsCut) {
  start();
  RawClient half(address());
  half.send("POST / HTTP/1.1\r\n");
  RawClient busy(address());
  busy.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpExchange& later = handler_.wait_for_exchange();
  stop(0s);
  EXPECT_EQ(half.read_all(), "");
  EXPECT_EQ(busy.read_all(), "");
  // The answer that comes after all finds its exchange.
  answer(later, "too late");
}

TEST_F(HttpServerTest, AConnectionCanBeTakenOver) {
  start();
  RawClient client(address());
  client.send("GET /static HTTP/1.1\r\nHost: x\r\n\r\nGET /upgrade HTTP/1.1\r\nHost: x\r\nUpgrade: other\r\n\r\nhello");
  EXPECT_EQ(body_of(client.read_response()), "static");
  TakenConnection taken = handler_.wait_for_taken();
  EXPECT_EQ(taken.received, "hello");
  EXPECT_EQ(taken.peer_address, "127.0.0.1");
  stop(0s);
  EXPECT_EQ(taken.transport->send("wel", "come").bytes, 7u);
  taken.transport.reset();
  EXPECT_EQ(client.read_all(), "welcome");
}

TEST_F(HttpServerTest, AConnectionCanBeTakenOverLater) {
  start();
  RawClient client(address());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\nUpgrade: other\r\n\r\nhello");
  HttpExchange& later = handler_.wait_for_exchange();
  std::promise<TakenConnection> taking;
  boost::asio::post(later.executor(), [&] { taking.set_value(later.take_over()); });
  TakenConnection taken = taking.get_future().get();
  EXPECT_EQ(taken.received, "hello");
  EXPECT_EQ(taken.transport->send("welcome", "").bytes, 7u);
  taken.transport.reset();
  EXPECT_EQ(client.read_all(), "welcome");
}

TEST_F(HttpServerTest, NothingIsTakenOverFromAServerThatWasCutOff) {
  start();
  RawClient client(address());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\nUpgrade: other\r\n\r\n");
  HttpExchange& later = handler_.wait_for_exchange();
  stop(0s);
  std::promise<bool> taking;
  boost::asio::post(later.executor(), [&] { taking.set_value(later.take_over().transport == nullptr); });
  EXPECT_TRUE(taking.get_future().get());
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(HttpServerTest, CountsWhatHappens) {
  start();
  EXPECT_EQ(status_of(exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")), 200);
  EXPECT_EQ(status_of(exchange("GET / HTTP/1.1\r\n\r\n")), 400);
  stop(0s);
  const std::string text = metrics_.scrape();
  for (const char* line : {"iotplatform_http_requests_total{listener=\"test\",status=\"2xx\"} 1\n",
                           "iotplatform_http_requests_total{listener=\"test\",status=\"4xx\"} 1\n",
                           "iotplatform_http_requests_refused_total{listener=\"test\",status=\"400\"} 1\n",
                           "iotplatform_connections_accepted_total{listener=\"test\"} 2\n",
                           "iotplatform_http_connections{listener=\"test\"} 0\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

TEST(HttpServerListen, SaysWhyItCannot) {
  IoPool pool(1);
  Metrics metrics;
  Echo handler;
  const auto listen = [&](const std::string& address, std::uint16_t port) {
    return HttpServer::listen(pool, handler, metrics, "test", address, port, {});
  };
  auto first = listen("127.0.0.1", 0);
  ASSERT_TRUE(first);
  const auto port = static_cast<std::uint16_t>(std::stoi((*first)->address().substr(10)));
  EXPECT_TRUE(is(listen("127.0.0.1", port).error(), Errc::address_in_use));
  EXPECT_TRUE(is(listen("192.0.2.1", 0).error(), Errc::address_invalid));
  EXPECT_TRUE(is(listen("localhost:", 0).error(), Errc::address_invalid));
}

}  // namespace
}  // namespace iot::net

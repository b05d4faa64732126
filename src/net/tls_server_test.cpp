// HTTP over TLS, from the listener to the handler: what the connection does with a transport that holds bytes itself.

#include <future>
#include <mutex>
#include <thread>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "net/http_server.h"
#include "net/raw_client.h"
#include "net/tls_peer.h"

namespace iot::net {
namespace {

using namespace std::chrono_literals;

/// Answers with the body it got; "/large" with four mebibytes; "/take" is taken over, "/later" held.
class Echo final : public HttpHandler {
 public:
  void handle(HttpExchange& exchange) override {
    const HttpRequest& request = exchange.request();
    if (request.path == "/large") return exchange.respond({.body = std::string(4u << 20, 'x')});
    if (request.path == "/take") return taken.set_value(exchange.take_over());
    if (request.path == "/later") return held.set_value(&exchange);
    exchange.respond({.body = std::string(request.target) + " " + std::string(request.body)});
  }
  HttpResponse refuse(unsigned status, std::string_view reason) override {
    return {.status = status, .body = std::string(reason)};
  }
  std::promise<TakenConnection> taken;
  std::promise<HttpExchange*> held;
};

class TlsServerTest : public testing::Test {
 protected:
  void start(HttpLimits limits = {}) {
    auto context = TlsContext::load(disk_.files, metrics_);
    ASSERT_TRUE(context) << context.error().message;
    auto server = HttpServer::listen(pool_, handler_, metrics_, "test", "127.0.0.1", 0, limits, clock_,
                                     (*context)->transports(ClientCertificates::requested));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    pool_.run();
  }
  void TearDown() override {
    if (server_) stop();
    pool_.stop();
    pool_.join();
  }
  /// Cuts off what is open.
  void stop() {
    std::promise<void> done;
    server_->stop(std::chrono::steady_clock::now(), [&] { done.set_value(); });
    EXPECT_EQ(done.get_future().wait_for(20s), std::future_status::ready);
    server_.reset();
  }
  /// The next answer with a body of its Content-Length.
  static std::string read_response(TlsClient& client) {
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
      const std::string byte = client.read_bytes(1);
      if (byte.empty()) return head;
      head += byte;
    }
    return head + client.read_bytes(std::stoul(head.substr(head.find("Content-Length: ") + 16)));
  }
  bool comes_true(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return condition();
  }

  ManualClock clock_;
  Metrics metrics_;
  Echo handler_;
  TestTlsFiles disk_{make_test_certificate("server")};
  IoPool pool_{2};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(TlsServerTest, AnswersRequestsAndKeepsTheConnection) {
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server_->address(), {.version = version});
    for (int i = 0; i < 3; ++i) {
      client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
      EXPECT_EQ(body_of(read_response(client)), "/a hello");
    }
  }
}

TEST_F(TlsServerTest, RequestsOfOneRecordAreAllAnswered) {
  start();
  TlsClient client(server_->address());
  // One record of sixteen kibibytes fills the read buffer several times, and only its arrival is an event.
  std::string requests;
  int count = 0;
  while (requests.size() < 15'000) {
    requests += "GET /" + std::to_string(count++) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  client.send(requests);
  for (int i = 0; i < count; ++i) ASSERT_EQ(body_of(read_response(client)), "/" + std::to_string(i) + " ");
}

TEST_F(TlsServerTest, LargeBodiesPassBothWays) {
  start();
  TlsClient client(server_->address());
  std::string body(3'000'000, 'a');
  for (std::size_t i = 0; i < body.size(); i += 97) body[i] = static_cast<char>('a' + i % 26);
  client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_TRUE(body_of(read_response(client)) == "/b " + body);
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /after HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(body_of(read_response(client)).size(), 4u << 20);
  EXPECT_EQ(body_of(read_response(client)), "/after ");
}

TEST_F(TlsServerTest, TheEndOfAConnectionIsAnnounced) {
  start();
  TlsClient client(server_->address());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(body_of(client.read_all()), "/a ");
  EXPECT_TRUE(client.peer().server_closed());
}

TEST_F(TlsServerTest, AHandshakeThatDoesNotEndIsClosedLikeARequestThatDoesNotArrive) {
  start({.idle_s_max = 100s, .request_s_max = 10s});
  RawClient silent(server_->address());
  RawClient half(server_->address());
  TlsPeer peer;
  half.send(peer.take().substr(0, 50));
  TlsClient established(server_->address());
  clock_.advance(9s);
  EXPECT_TRUE(silent.is_silent_for(1250ms));
  clock_.advance(2s);
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  EXPECT_TRUE(comes_true([&] {
    return metrics_.scrape().find("iotplatform_tls_handshakes_total{outcome=\"failed\"} 2\n") != std::string::npos;
  }));
  // A connection that has shaken hands may be idle for longer.
  established.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(body_of(read_response(established)), "/a ");
}

TEST_F(TlsServerTest, WhoeverSpeaksPlainlyIsTurnedAway) {
  start();
  RawClient client(server_->address());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.read_all();
  EXPECT_EQ(answer.find("HTTP/"), std::string::npos);
  TlsClient other(server_->address());
  other.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(body_of(read_response(other)), "/a ");
}

TEST_F(TlsServerTest, ARequestKnowsTheClientsCertificateUntilItIsAnswered) {
  start();
  const TestCertificate device = make_test_certificate("device");
  TlsClient client(server_->address(), {.certificate = &device});
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  HttpExchange& held = *handler_.held.get_future().get();
  EXPECT_EQ(held.request().peer_certificate_sha256, device.sha256);
  stop();
  std::promise<std::string> seen;
  boost::asio::post(held.executor(), [&] {
    std::string sha256(held.request().peer_certificate_sha256);
    held.respond({});
    seen.set_value(std::move(sha256));
  });
  EXPECT_EQ(seen.get_future().get(), device.sha256);
}

TEST_F(TlsServerTest, AConnectionIsTakenOverWithItsTls) {
  start();
  const TestCertificate device = make_test_certificate("device");
  TlsClient client(server_->address(), {.certificate = &device});
  // What is said behind the request arrives with it, and part of it is held by TLS alone.
  const std::string behind(10'000, 'y');
  client.send("GET /take HTTP/1.1\r\nHost: x\r\nUpgrade: other\r\n\r\n" + behind);
  TakenConnection taken = handler_.taken.get_future().get();
  EXPECT_EQ(taken.transport->peer_certificate_sha256(), device.sha256);
  std::string received = taken.received;
  char bytes[1000];
  while (received.size() < behind.size()) {
    const IoOutcome outcome = taken.transport->receive(bytes);
    ASSERT_EQ(outcome.kind, IoOutcome::Kind::done);
    received.append(bytes, outcome.bytes);
  }
  EXPECT_TRUE(received == behind);
  EXPECT_EQ(taken.transport->send("welcome", {}).bytes, 7u);
  taken.transport.reset();
  EXPECT_EQ(client.read_all(), "welcome");
  EXPECT_TRUE(client.peer().server_closed());
}

}  // namespace
}  // namespace iot::net

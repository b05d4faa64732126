// Answers whose body is made while it is sent.
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <gtest/gtest.h>

#include "net/connection_loop.h"
#include "net/http_server.h"
#include "net/raw_client.h"

namespace iot::net {
namespace {

using namespace std::chrono_literals;
using Then = BodyStream::Piece::Then;

constexpr auto a_visit = visit_interval + tick_interval;

/// Streams the pieces that the test gives to each request; "/held" makes them only when the test says so.
class Streamer final : public HttpHandler {
 public:
  class Body final : public BodyStream {
   public:
    Body(Streamer& handler, const std::atomic<bool>* peer_closed) : handler_(handler), peer_closed_(peer_closed) {
      ++handler_.alive;
    }
    ~Body() override { --handler_.alive; }
    void next(std::function<void(Piece)> done) override {
      const std::size_t at = at_++;
      ++handler_.asked;
      boost::asio::post(handler_.pool_, [this, at, done = std::move(done)] {
        handler_.wait_until_open();
        if (peer_closed_->load()) ++handler_.saw_peer_closed;
        done(handler_.pieces.at(at));
      });
    }

   private:
    Streamer& handler_;
    const std::atomic<bool>* peer_closed_;
    std::size_t at_ = 0;
  };

  ~Streamer() override { pool_.join(); }

  void handle(HttpExchange& exchange) override {
    HttpResponse response{.body = first, .content_type = "text/plain"};
    if (exchange.request().path != "/small") {
      response.rest = std::make_shared<Body>(*this, exchange.request().peer_closed);
    }
    exchange.respond(std::move(response));
  }
  HttpResponse refuse(unsigned status, std::string_view reason) override {
    return {.status = status, .body = std::string(reason)};
  }

  void close() { gate_open_ = false; }
  void open() {
    const std::lock_guard lock(mutex_);
    gate_open_ = true;
    opened_.notify_all();
  }

  std::string first = "first,";
  std::vector<BodyStream::Piece> pieces{{"second,", Then::more}, {"", Then::more}, {"third", Then::end}};
  std::atomic<int> alive{0};
  std::atomic<int> asked{0};
  std::atomic<int> saw_peer_closed{0};

 private:
  void wait_until_open() {
    std::unique_lock lock(mutex_);
    opened_.wait_for(lock, 20s, [&] { return gate_open_.load(); });
  }

  std::mutex mutex_;
  std::condition_variable opened_;
  std::atomic<bool> gate_open_{true};
  boost::asio::thread_pool pool_{1};
};

class BodyStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = HttpServer::listen(pool_, handler_, metrics_, "test", "127.0.0.1", 0, {}, clock_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    pool_.run();
  }
  void TearDown() override {
    handler_.open();
    if (server_) stop(0s);
    pool_.stop();
    pool_.join();
  }
  void stop(std::chrono::seconds within) {
    std::promise<void> done;
    server_->stop(std::chrono::steady_clock::now() + within, [&] { done.set_value(); });
    ASSERT_EQ(done.get_future().wait_for(20s), std::future_status::ready);
    server_.reset();
  }
  static void send(RawClient& client, std::string_view path, std::string_view version = "1.1") {
    client.send("GET " + std::string(path) + " HTTP/" + std::string(version) + "\r\nHost: x\r\n\r\n");
  }
  template <class Condition>
  static bool comes_true(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  std::string read_until(RawClient& client, std::string_view end) {
    std::string text;
    while (!text.ends_with(end)) {
      const std::string more = client.read_some();
      if (more.empty()) break;
      text += more;
    }
    return text;
  }

  ManualClock clock_;
  Metrics metrics_;
  Streamer handler_;
  IoPool pool_{1};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(BodyStreamTest, ComesInChunksAndTheConnectionGoesOn) {
  RawClient client(server_->address());
  for (int i = 0; i < 3; ++i) {
    send(client, "/");
    const std::string answer = read_until(client, "0\r\n\r\n");
    EXPECT_NE(answer.find("\r\nTransfer-Encoding: chunked\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
    EXPECT_EQ(body_of(answer), "6\r\nfirst,\r\n7\r\nsecond,\r\n5\r\nthird\r\n0\r\n\r\n");
  }
  EXPECT_TRUE(comes_true([&] { return handler_.alive == 0; }));
}

TEST_F(BodyStreamTest, MayBeginAndEndWithNothing) {
  handler_.first.clear();
  handler_.pieces = {{"", Then::end}};
  RawClient client(server_->address());
  send(client, "/");
  EXPECT_EQ(body_of(read_until(client, "0\r\n\r\n")), "0\r\n\r\n");
}

TEST_F(BodyStreamTest, LetsPipelinedRequestsWait) {
  RawClient client(server_->address());
  client.send(
      "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /small HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string first = read_until(client, "0\r\n\r\n");
  std::string all = first;
  while (all.find("third") == all.rfind("third")) all += client.read_some();
  EXPECT_LT(all.find("third"), all.find("Content-Length: 6\r\n"));
  EXPECT_LT(all.find("Content-Length: 6\r\n"), all.rfind("first,\r\n"));
}

TEST_F(BodyStreamTest, OfHeadIsNotMade) {
  RawClient client(server_->address());
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /small HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.read_response(true).find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_EQ(body_of(client.read_response()), "first,");
  EXPECT_EQ(handler_.asked, 0);
  EXPECT_EQ(handler_.alive, 0);
}

TEST_F(BodyStreamTest, EndsAConnectionOfTheOldVersion) {
  RawClient client(server_->address());
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string answer = client.read_all();
  EXPECT_EQ(answer.find("Transfer-Encoding"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(body_of(answer), "first,second,third");
}

TEST_F(BodyStreamTest, ThatBreaksIsNeverWhole) {
  handler_.pieces = {{"second,", Then::more}, {"", Then::broken}};
  RawClient client(server_->address());
  send(client, "/");
  EXPECT_EQ(body_of(client.read_all()), "6\r\nfirst,\r\n7\r\nsecond,\r\n");
  EXPECT_TRUE(comes_true([&] { return handler_.alive == 0; }));
}

TEST_F(BodyStreamTest, IsMadeNoFasterThanItIsTaken) {
  constexpr std::size_t piece_bytes = 1u << 20;
  handler_.pieces.assign(64, {std::string(piece_bytes, 'x'), Then::more});
  handler_.pieces.push_back({"", Then::end});
  RawClient client(server_->address());
  send(client, "/");
  // The kernel takes some mebibytes, and then no more is made.
  int asked = -1;
  while (asked != handler_.asked) {
    asked = handler_.asked;
    std::this_thread::sleep_for(300ms);
  }
  EXPECT_LT(asked, 40);
  EXPECT_GT(read_until(client, "0\r\n\r\n").size(), 64 * piece_bytes);
  EXPECT_EQ(handler_.asked, 65);
}

TEST_F(BodyStreamTest, OfAReaderThatStandsStillEnds) {
  handler_.pieces.assign(64, {std::string(1u << 20, 'x'), Then::more});
  RawClient client(server_->address());
  send(client, "/");
  EXPECT_TRUE(comes_true([&] { return handler_.asked > 0; }));
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (handler_.alive > 0 && std::chrono::steady_clock::now() < deadline) {
    clock_.advance(HttpLimits().write_s_max / 4);
    std::this_thread::sleep_for(a_visit);
  }
  EXPECT_EQ(handler_.alive, 0);
  EXPECT_LT(handler_.asked, 64);
}

TEST_F(BodyStreamTest, IsToldThatItsReaderHasGone) {
  handler_.pieces.assign(3, {"piece", Then::more});
  handler_.close();
  RawClient client(server_->address());
  send(client, "/");
  EXPECT_TRUE(comes_true([&] { return handler_.asked == 1; }));
  client.reset();
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(handler_.alive, 1) << "it is being made";
  handler_.open();
  EXPECT_TRUE(comes_true([&] { return handler_.alive == 0; }));
  EXPECT_EQ(handler_.saw_peer_closed, 1);
}

TEST_F(BodyStreamTest, IsFinishedByAServerThatStops) {
  handler_.close();
  RawClient client(server_->address());
  send(client, "/");
  EXPECT_TRUE(comes_true([&] { return handler_.asked == 1; }));
  std::promise<void> done;
  server_->stop(std::chrono::steady_clock::now() + 20s, [&] { done.set_value(); });
  handler_.open();
  EXPECT_TRUE(client.read_all().ends_with("5\r\nthird\r\n0\r\n\r\n"));
  ASSERT_EQ(done.get_future().wait_for(20s), std::future_status::ready);
  server_.reset();
}

TEST_F(BodyStreamTest, IsCutAtTheDeadlineAndKeptUntilItsPieceIsMade) {
  handler_.close();
  RawClient client(server_->address());
  send(client, "/");
  EXPECT_TRUE(comes_true([&] { return handler_.asked == 1; }));
  stop(0s);
  EXPECT_EQ(handler_.alive, 1);
  EXPECT_FALSE(client.read_all().ends_with("0\r\n\r\n"));
  handler_.open();
  EXPECT_TRUE(comes_true([&] { return handler_.alive == 0; }));
  EXPECT_EQ(handler_.saw_peer_closed, 1);
}

}  // namespace
}  // namespace iot::net

#include "net/connection_group.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/connect_rate.h"
#include "net/http_server.h"
#include "net/listener.h"
#include "net/raw_client.h"

namespace iot::net {
namespace {

using namespace std::chrono_literals;

class EchoLoop;

/// Says back what it hears. "hold" makes it awaited, until the test lets it go.
class EchoConnection final : public Connection {
 public:
  EchoConnection(EchoLoop& loop, std::unique_ptr<Transport> transport, std::string received);
  int socket() const noexcept override { return transport_->socket(); }
  void on_ready(Readiness ready) override;
  void on_tick() override;
  void on_stop() override;
  bool is_awaited() const noexcept override { return held_; }
  void abandon(const std::shared_ptr<void>& keeper) override {
    Connection::abandon(keeper);
    abandoned_ = true;
  }
  void leave() noexcept override { transport_.reset(); }
  /// What it waits for has come.
  void let_go();

 private:
  void close();

  EchoLoop& loop_;
  std::unique_ptr<Transport> transport_;
  std::string unsent_;
  bool readable_ = true;
  bool held_ = false;
  bool abandoned_ = false;
};

/// What the connections of all loops tell the test.
struct Seen {
  std::atomic<int> refused{0};
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::pair<EchoLoop*, EchoConnection*>> held;

  std::pair<EchoLoop*, EchoConnection*> wait_for_held() {
    std::unique_lock lock(mutex);
    if (!changed.wait_for(lock, 20s, [&] { return !held.empty(); })) throw std::runtime_error("nothing is held");
    const auto first = held.front();
    held.erase(held.begin());
    return first;
  }
};

class EchoLoop final : public ConnectionLoop {
 public:
  EchoLoop(const LoopPlace& place, Seen& seen) : ConnectionLoop(place, 1000), what_is_seen(seen) {}
  void serve(Arrival arrival) { serve(std::move(arrival.transport), {}, std::move(arrival.admission)); }
  void serve(std::unique_ptr<Transport> transport, std::string received, Admission admission) {
    const bool has_input = !received.empty();
    auto connection = std::make_unique<EchoConnection>(*this, std::move(transport), std::move(received));
    EchoConnection& served = *connection;
    if (!adopt(std::move(connection), std::move(admission))) {
      ++what_is_seen.refused;
    } else if (has_input) {
      served.on_ready({.readable = true});
    }
  }
  Seen& what_is_seen;
  int visits = 0;
};

EchoConnection::EchoConnection(EchoLoop& loop, std::unique_ptr<Transport> transport, std::string received)
    : loop_(loop), transport_(std::move(transport)), unsent_(std::move(received)) {}

void EchoConnection::on_ready(Readiness ready) {
  if (!transport_) return;
  ready = transport_->readiness(ready);
  readable_ |= ready.readable || ready.read_closed;
  for (;;) {
    while (!unsent_.empty()) {
      const IoOutcome sent = transport_->send(unsent_, {});
      if (sent.kind == IoOutcome::Kind::would_block) return;
      if (sent.kind != IoOutcome::Kind::done) return close();
      unsent_.erase(0, sent.bytes);
    }
    if (!readable_) return;
    char bytes[100];
    const IoOutcome got = transport_->receive(bytes);
    if (got.kind == IoOutcome::Kind::would_block) {
      readable_ = false;
      return;
    }
    if (got.kind != IoOutcome::Kind::done) return close();
    unsent_.assign(bytes, got.bytes);
    if (unsent_ == "hold") {
      held_ = true;
      const std::lock_guard lock(loop_.what_is_seen.mutex);
      loop_.what_is_seen.held.emplace_back(&loop_, this);
      loop_.what_is_seen.changed.notify_all();
    }
  }
}

void EchoConnection::on_tick() {
  ++loop_.visits;
}

void EchoConnection::on_stop() {
  if (!held_) close();
}

void EchoConnection::let_go() {
  if (abandoned_) return loop_.poller.retire_parked(*this);
  held_ = false;
  if (loop_.stopping()) close();
}

void EchoConnection::close() {
  if (!held_) loop_.remove(*this);
}

class ConnectionGroupTest : public testing::Test {
 protected:
  ConnectionGroupTest() {
    group_ = ConnectionGroup::make(pool_, clock_,
                                   [&](const LoopPlace& place) { return std::make_unique<EchoLoop>(place, seen_); });
    group_->start();
    pool_.run();
  }
  ~ConnectionGroupTest() override {
    stop(0s);
    pool_.stop();
    pool_.join();
  }
  EchoLoop& loop(std::size_t index) { return static_cast<EchoLoop&>(group_->loop(index)); }
  Listener& listen(ListenerOptions options = {}) {
    options.name = "echo";
    auto listener =
        Listener::listen(group_, metrics_, clock_, std::move(options),
                         [this](std::size_t index, Arrival arrival) { loop(index).serve(std::move(arrival)); });
    listeners_.push_back(std::move(*listener));
    return *listeners_.back();
  }
  void stop(std::chrono::seconds within) {
    if (stopped_.valid()) return;
    for (auto& listener : listeners_) listener->stop();
    group_->stop(std::chrono::steady_clock::now() + within, [this] { done_.set_value(); });
    stopped_ = done_.get_future();
    EXPECT_EQ(stopped_.wait_for(20s), std::future_status::ready);
  }
  static std::string echo(RawClient& client, std::string_view text) {
    client.send(text);
    return client.read_bytes(text.size());
  }
  bool comes_true(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return condition();
  }
  double counted(const std::string& series) const {
    const std::string text = metrics_.scrape();
    const auto at = text.find("\n" + series + " ");
    return at == std::string::npos ? 0 : std::stod(text.substr(at + series.size() + 2));
  }

  ManualClock clock_;
  Metrics metrics_;
  Seen seen_;
  IoPool pool_{2};
  std::shared_ptr<ConnectionGroup> group_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::promise<void> done_;
  std::future<void> stopped_;
};

TEST_F(ConnectionGroupTest, ServesTheConnectionsOfSeveralListeners) {
  RawClient first(listen().address());
  RawClient second(listen().address());
  RawClient third(listeners_[0]->address());
  EXPECT_EQ(echo(first, "one"), "one");
  EXPECT_EQ(echo(second, "two"), "two");
  EXPECT_EQ(echo(third, "three"), "three");
  EXPECT_EQ(group_->open(), 3u);
  first.finish_sending();
  EXPECT_EQ(first.read_all(), "");
  EXPECT_TRUE(comes_true([&] { return group_->open() == 2; }));
}

TEST_F(ConnectionGroupTest, VisitsEachConnectionOnceInAVisitInterval) {
  const std::string address = listen().address();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 9; ++i) {
    clients.push_back(std::make_unique<RawClient>(address));
    echo(*clients.back(), "x");
  }
  // Of whatever phase: in as many ticks as there are phases each is visited, and none twice.
  int visits = 0;
  for (std::size_t i = 0; i < group_->loops(); ++i) {
    std::promise<int> counted;
    boost::asio::post(group_->context(i), [&] {
      const int before = loop(i).visits;
      for (std::size_t tick = 0; tick < tick_phases; ++tick) loop(i).tick();
      counted.set_value(loop(i).visits - before);
    });
    visits += counted.get_future().get();
  }
  EXPECT_EQ(visits, 9);
}

TEST_F(ConnectionGroupTest, OneMoreThanTheLimitIsRefusedAndCounted) {
  const std::string address = listen({.connections_max = 2}).address();
  RawClient first(address);
  auto second = std::make_unique<RawClient>(address);
  EXPECT_EQ(echo(first, "1"), "1");
  EXPECT_EQ(echo(*second, "2"), "2");
  EXPECT_EQ(RawClient(address).read_all(), "");
  EXPECT_EQ(counted("iotplatform_connections_refused_total{limit=\"connections_max\",listener=\"echo\"}"), 1);
  EXPECT_EQ(counted("iotplatform_connections_accepted_total{listener=\"echo\"}"), 2);
  second.reset();
  EXPECT_TRUE(comes_true([&] { return group_->open() == 1; }));
  RawClient third(address);
  EXPECT_EQ(echo(third, "3"), "3");
}

TEST_F(ConnectionGroupTest, ConnectionsPastTheRateWaitForTheirSecond) {
  const std::string address = listen({.connects_per_s_max = 2}).address();
  RawClient first(address), second(address), third(address), fourth(address);
  EXPECT_EQ(echo(first, "1"), "1");
  EXPECT_EQ(echo(second, "2"), "2");
  third.send("3");
  fourth.send("4");
  EXPECT_TRUE(third.is_silent_for(100ms));
  clock_.advance(500ms);
  EXPECT_EQ(third.read_bytes(1), "3");
  EXPECT_TRUE(fourth.is_silent_for(100ms));
  clock_.advance(500ms);
  EXPECT_EQ(fourth.read_bytes(1), "4");
  EXPECT_GT(counted("iotplatform_connections_held_back_total{limit=\"connects_per_s_max\",listener=\"echo\"}"), 0);
}

TEST_F(ConnectionGroupTest, StoppingEndsWhatIsIdleAndWaitsForWhatIsNot) {
  RawClient idle(listen().address());
  RawClient busy(listeners_[0]->address());
  EXPECT_EQ(echo(idle, "1"), "1");
  EXPECT_EQ(echo(busy, "hold"), "hold");
  const auto [loop, connection] = seen_.wait_for_held();
  std::thread stopping([&] { stop(60s); });
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_TRUE(busy.is_silent_for(20ms));
  boost::asio::post(loop->context, [connection = connection] { connection->let_go(); });
  EXPECT_EQ(busy.read_all(), "");
  stopping.join();
  EXPECT_EQ(group_->open(), 0u);
  EXPECT_THROW(RawClient{listeners_[0]->address()}, std::runtime_error);
}

TEST_F(ConnectionGroupTest, WhatIsAwaitedAtTheDeadlineIsCutAndCalledLater) {
  RawClient busy(listen().address());
  EXPECT_EQ(echo(busy, "hold"), "hold");
  const auto [loop, connection] = seen_.wait_for_held();
  stop(0s);
  EXPECT_EQ(busy.read_all(), "");
  std::promise<void> called;
  boost::asio::post(loop->context, [&called, connection = connection] {
    connection->let_go();
    called.set_value();
  });
  EXPECT_EQ(called.get_future().wait_for(20s), std::future_status::ready);
}

TEST_F(ConnectionGroupTest, NothingIsAdoptedOnceItStops) {
  listen();
  stop(0s);
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  std::promise<void> served;
  boost::asio::post(group_->context(1), [&] {
    loop(1).serve(std::make_unique<PlainTransport>(ends[0]), {}, std::move(*group_->admit(1)));
    served.set_value();
  });
  served.get_future().get();
  EXPECT_EQ(seen_.refused, 1);
  EXPECT_EQ(group_->open(), 0u);
  char byte = 0;
  EXPECT_EQ(::recv(ends[1], &byte, 1, 0), 0) << "the socket is closed";
  ::close(ends[1]);
}

TEST_F(ConnectionGroupTest, ASocketThatCannotBeWatchedIsDroppedAndNotCounted) {
  std::promise<void> served;
  boost::asio::post(group_->context(0), [&] {
    loop(0).serve(std::make_unique<PlainTransport>(-1), {}, std::move(*group_->admit(1)));
    served.set_value();
  });
  served.get_future().get();
  EXPECT_EQ(seen_.refused, 1);
  EXPECT_EQ(group_->open(), 0u);
}

TEST_F(ConnectionGroupTest, AThrowingReceiverCostsOneConnection) {
  bool thrown = false;
  auto listener =
      Listener::listen(group_, metrics_, clock_, {.name = "throwing"}, [&](std::size_t index, Arrival arrival) {
        if (!std::exchange(thrown, true)) throw std::runtime_error("thrown by the test");
        loop(index).serve(std::move(arrival));
      });
  ASSERT_TRUE(listener);
  EXPECT_EQ(RawClient((*listener)->address()).read_all(), "");
  RawClient next((*listener)->address());
  EXPECT_EQ(echo(next, "1"), "1");
  listeners_.push_back(std::move(*listener));
}

/// An HTTP handler that hands each connection to the echo of the same loop, as a WebSocket gateway does.
class Upgrading final : public HttpHandler {
 public:
  explicit Upgrading(ConnectionGroup& group) : group_(group) {}
  void handle(HttpExchange& exchange) override {
    auto admission = group_.admit(10);
    const std::size_t index = exchange.thread_index();
    TakenConnection taken = exchange.take_over();
    taken.transport->send("HTTP/1.1 101 Switching Protocols\r\n\r\n", {});
    static_cast<EchoLoop&>(group_.loop(index))
        .serve(std::move(taken.transport), std::move(taken.received), std::move(*admission));
  }
  HttpResponse refuse(unsigned status, std::string_view) override { return {.status = status}; }

 private:
  ConnectionGroup& group_;
};

TEST_F(ConnectionGroupTest, AConnectionOfAnHttpServerGoesOnInAnotherProtocol) {
  Upgrading handler(*group_);
  auto server = HttpServer::listen(pool_, handler, metrics_, "http", "127.0.0.1", 0, {}, clock_);
  ASSERT_TRUE(server);
  const std::string upgrade = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: echo\r\n\r\n";
  // With what it says next in the same segment, and without; so often that each loop has some.
  for (int i = 0; i < 6; ++i) {
    RawClient client((*server)->address());
    client.send(i % 2 ? upgrade : upgrade + "early");
    EXPECT_EQ(status_of(client.read_response(true)), 101);
    EXPECT_EQ(client.read_bytes(i % 2 ? 0 : 5), i % 2 ? "" : "early");
    EXPECT_EQ(echo(client, "later"), "later");
    client.finish_sending();
    EXPECT_EQ(client.read_all(), "");
  }
  EXPECT_TRUE(comes_true([&] { return group_->open() == 0; }));
  std::promise<void> done;
  (*server)->stop(std::chrono::steady_clock::now(), [&] { done.set_value(); });
  EXPECT_EQ(done.get_future().wait_for(20s), std::future_status::ready);
}

TEST(ConnectRate, AllowsASecondsWorthAtOnceAndThenItsRate) {
  ManualClock clock;
  ConnectRate rate(3, clock.steady_now());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(rate.take(clock.steady_now()));
  EXPECT_FALSE(rate.take(clock.steady_now()));
  clock.advance(333ms);
  EXPECT_FALSE(rate.take(clock.steady_now()));
  clock.advance(1ms);
  EXPECT_TRUE(rate.take(clock.steady_now()));
  EXPECT_FALSE(rate.take(clock.steady_now()));
  rate.give_back();
  EXPECT_TRUE(rate.take(clock.steady_now()));
  // An hour's silence gives no more than a second's worth.
  clock.advance(1h);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(rate.take(clock.steady_now()));
  EXPECT_FALSE(rate.take(clock.steady_now()));
}

TEST(ConnectRate, ZeroIsNoLimit) {
  ManualClock clock;
  ConnectRate rate(0, clock.steady_now());
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(rate.take(clock.steady_now()));
}

}  // namespace
}  // namespace iot::net

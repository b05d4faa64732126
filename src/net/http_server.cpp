#include "net/http_server.h"

#include <atomic>
#include <cerrno>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/logging.h"
#include "net/http_loop.h"

namespace iot::net {

namespace asio = boost::asio;
using asio::ip::tcp;

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::address_in_use:
      return {"address_in_use", Failure::conflict};
    case Errc::address_invalid:
      return {"address_invalid", Failure::invalid};
    case Errc::no_permission:
      return {"no_permission", Failure::forbidden};
    case Errc::listen_failed:
      return {"listen_failed", Failure::internal};
  }
  return {"unknown", Failure::internal};
}

namespace {

/// After an accept that failed for want of descriptors or memory, which would fail again at once.
constexpr std::chrono::milliseconds accept_pause{100};

Error listen_error(const boost::system::error_code& code, const std::string& where) {
  if (code == asio::error::address_in_use) {
    return make_error(Errc::address_in_use, where + " is in use by another process; choose another port or stop it");
  }
  if (code == asio::error::access_denied) {
    return make_error(Errc::no_permission, "listening on " + where + " is not permitted; choose a port above 1023");
  }
  if (code == boost::system::errc::address_not_available) {
    return make_error(Errc::address_invalid, where + " is no address of this machine");
  }
  return make_error(Errc::listen_failed, "listening on " + where + ": " + code.message());
}

std::string to_text(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

/// All that handlers on the loops use; they share it, so it ends with the last of them.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(IoPool& pool, HttpHandler& handler, Metrics& metrics, const std::string& name, HttpLimits limits,
           const Clock& clock)
      : limits_(limits), metrics_(metrics, name), name_(name), acceptor_(pool.loop(0)), accept_timer_(pool.loop(0)) {
    for (std::size_t i = 0; i < pool.size(); ++i) {
      loops_.push_back(std::make_unique<Loop>(pool, i, handler, limits_, metrics_, clock, open_));
    }
  }

  Result<void> open(const tcp::endpoint& endpoint) {
    const std::string where = to_text(endpoint);
    boost::system::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor_.non_blocking(true, error);
    if (error) return listen_error(error, where);
    return {};
  }

  std::string address() const { return to_text(acceptor_.local_endpoint()); }

  void start() {
    for (auto& loop : loops_) {
      asio::post(loop->http.context, [self = shared_from_this(), &loop = *loop] { self->tick(loop); });
    }
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->wait_to_accept(); });
  }

  void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) {
    asio::post(acceptor_.get_executor(), [self = shared_from_this(), deadline, done = std::move(done)]() mutable {
      boost::system::error_code ignored;
      self->acceptor_.close(ignored);
      self->accept_timer_.cancel();
      self->done_ = std::move(done);
      self->loops_open_ = self->loops_.size();
      for (auto& loop : self->loops_) {
        asio::post(loop->http.context, [self, &loop = *loop, deadline] { self->stop_loop(loop, deadline); });
      }
    });
  }

 private:
  struct Loop {
    Loop(IoPool& pool, std::size_t index, HttpHandler& handler, const HttpLimits& limits, HttpMetrics& metrics,
         const Clock& clock, std::atomic<std::size_t>& open)
        : http(pool.loop(index), pool.poller(index), index, handler, limits, limits.buffered_bytes_max / pool.size(),
               metrics, clock, open),
          timer(pool.loop(index)) {}
    HttpLoop http;
    asio::steady_timer timer;
    std::optional<std::chrono::steady_clock::time_point> cut_at;
    bool stopped = false;
  };

  void wait_to_accept() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->accept_all();
    });
  }

  void accept_all() {
    for (;;) {
      tcp::endpoint peer;
      socklen_t size = static_cast<socklen_t>(peer.capacity());
      const int socket = ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket >= 0) {
        deal(std::make_unique<PlainTransport>(socket), peer);
        continue;
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return wait_to_accept();
      log_warning("accepting connections pauses",
                  {{"listener", name_}, {"reason", system_error(errno, "accept").message}});
      accept_timer_.expires_after(accept_pause);
      accept_timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
        if (!error) self->wait_to_accept();
      });
      return;
    }
  }

  /// Gives the connection to the next loop.
  void deal(std::unique_ptr<Transport> transport, const tcp::endpoint& peer) {
    if (open_.load(std::memory_order_relaxed) >= limits_.connections_max) {
      metrics_.connection_refused();
      return;
    }
    ++open_;
    const int no_delay = 1;
    ::setsockopt(transport->socket(), IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
    Loop& loop = *loops_[next_loop_++ % loops_.size()];
    asio::dispatch(loop.http.context, [self = shared_from_this(), &loop, transport = std::move(transport),
                                       address = peer.address().to_string()]() mutable {
      if (loop.http.stopping()) {
        --self->open_;
      } else {
        loop.http.adopt(std::move(transport), std::move(address));
      }
    });
  }

  void tick(Loop& loop) {
    loop.http.tick();
    if (loop.cut_at && std::chrono::steady_clock::now() >= *loop.cut_at) {
      loop.http.cut(shared_from_this());
      return finish(loop);
    }
    if (loop.cut_at && loop.http.connections() == 0) return finish(loop);
    // A loop that stops is looked at often, so that stopping takes no longer than its connections.
    loop.timer.expires_after(loop.cut_at ? stop_tick_interval : tick_interval);
    loop.timer.async_wait([self = shared_from_this(), &loop](boost::system::error_code) {
      if (!loop.stopped) self->tick(loop);
    });
  }

  void stop_loop(Loop& loop, std::chrono::steady_clock::time_point deadline) {
    loop.cut_at = deadline;
    loop.http.begin_stop();
    loop.timer.cancel();
  }

  void finish(Loop& loop) {
    loop.stopped = true;
    if (--loops_open_ == 0) done_();
  }

  static constexpr std::chrono::milliseconds stop_tick_interval{5};

  const HttpLimits limits_;
  HttpMetrics metrics_;
  const std::string name_;
  /// Connections of all loops, and those on their way to one.
  std::atomic<std::size_t> open_{0};
  tcp::acceptor acceptor_;
  asio::steady_timer accept_timer_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::size_t next_loop_ = 0;
  std::function<void()> done_;
  std::atomic<std::size_t> loops_open_{0};
};

class TcpHttpServer final : public HttpServer {
 public:
  explicit TcpHttpServer(std::shared_ptr<Listener> listener)
      : listener_(std::move(listener)), address_(listener_->address()) {
    listener_->start();
  }
  const std::string& address() const noexcept override { return address_; }
  void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) override {
    listener_->stop(deadline, std::move(done));
  }

 private:
  std::shared_ptr<Listener> listener_;
  std::string address_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::listen(IoPool& pool, HttpHandler& handler, Metrics& metrics,
                                                       std::string name, const std::string& address, std::uint16_t port,
                                                       HttpLimits limits, const Clock& clock) {
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) return make_error(Errc::address_invalid, "\"" + address + "\" is no IP address");
  auto listener = std::make_shared<Listener>(pool, handler, metrics, name, limits, clock);
  IOT_CHECK(listener->open({parsed, port}));
  return std::unique_ptr<HttpServer>(std::make_unique<TcpHttpServer>(std::move(listener)));
}

}  // namespace iot::net

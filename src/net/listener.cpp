#include "net/listener.h"

#include <cerrno>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/logging.h"
#include "net/connect_rate.h"

namespace iot::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// After an accept that failed for want of descriptors or memory, which would fail again at once.
constexpr std::chrono::milliseconds failure_pause{100};
/// How often a listener that is at its rate looks whether it may go on.
constexpr std::chrono::milliseconds rate_pause{20};
/// Thousands may come at once; between so many of them the loop's own connections have their turn.
constexpr int batch_max = 64;
/// As many as the kernel allows (it cuts this down to net.core.somaxconn), for devices that all come back at once.
constexpr int backlog_max = 65'535;

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

std::unique_ptr<Transport> make_plain(int socket) {
  return std::make_unique<PlainTransport>(socket);
}

/// All that handlers on the loops use; they share it, so it ends with the last of them.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(std::shared_ptr<ConnectionGroup> group, Metrics& metrics, const Clock& clock, ListenerOptions options,
           Listener::Arrived arrived)
      : group_(std::move(group)),
        options_(std::move(options)),
        arrived_(std::move(arrived)),
        clock_(clock),
        rate_(options_.connects_per_s_max, clock.steady_now()),
        accepted_(metrics.counter("iotplatform_connections_accepted_total", "Connections accepted",
                                  {{"listener", options_.name}})),
        refused_(metrics.counter("iotplatform_connections_refused_total",
                                 "Connections closed at once because a limit was reached",
                                 {{"listener", options_.name}, {"limit", "connections_max"}})),
        held_back_(metrics.counter("iotplatform_connections_held_back_total",
                                   "Times that accepting paused because a limit was reached",
                                   {{"listener", options_.name}, {"limit", "connects_per_s_max"}})),
        acceptor_(group_->context(0)),
        timer_(group_->context(0)) {
    if (!options_.transport) options_.transport = make_plain;
  }

  Result<void> open() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error) return make_error(Errc::address_invalid, "\"" + options_.address + "\" is no IP address");
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(backlog_max, error);
    if (!error) acceptor_.non_blocking(true, error);
    if (error) return listen_error(error, to_text(endpoint));
    return {};
  }

  std::string address() const { return to_text(acceptor_.local_endpoint()); }

  void start() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->wait_to_accept(); });
  }

  void stop() {
    asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
      boost::system::error_code ignored;
      self->acceptor_.close(ignored);
      self->timer_.cancel();
    });
  }

 private:
  void wait_to_accept() {
    if (!acceptor_.is_open()) return;
    acceptor_.async_wait(tcp::acceptor::wait_read, [self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->accept_some();
    });
  }

  void accept_some() {
    for (int i = 0; i < batch_max; ++i) {
      if (!rate_.take(clock_.steady_now())) {
        held_back_.Increment();
        return pause(rate_pause);
      }
      tcp::endpoint peer;
      socklen_t size = static_cast<socklen_t>(peer.capacity());
      const int socket = ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket >= 0) {
        deal(PlainTransport(socket), peer);
        continue;
      }
      rate_.give_back();
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      log_warning("accepting connections pauses",
                  {{"listener", options_.name}, {"reason", system_error(errno, "accept").message}});
      return pause(failure_pause);
    }
    wait_to_accept();
  }

  void pause(std::chrono::milliseconds duration) {
    timer_.expires_after(duration);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->wait_to_accept();
    });
  }

  /// Gives the connection to the next loop. The socket is closed if it does not get there.
  void deal(PlainTransport socket, const tcp::endpoint& peer) {
    auto admission = group_->admit(options_.connections_max);
    if (!admission) return refused_.Increment();
    accepted_.Increment();
    const int no_delay = 1;
    ::setsockopt(socket.socket(), IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
    const std::size_t index = next_loop_++ % group_->loops();
    asio::dispatch(group_->context(index),
                   [self = shared_from_this(), index, socket = std::move(socket), admission = std::move(*admission),
                    from = Peer{peer.address().to_string(), peer.port()}]() mutable {
                     auto transport = self->options_.transport(socket.release());
                     if (!transport) return;
                     self->arrived_(index, Arrival{std::move(transport), std::move(from), std::move(admission)});
                   });
  }

  const std::shared_ptr<ConnectionGroup> group_;
  ListenerOptions options_;
  const Listener::Arrived arrived_;
  const Clock& clock_;
  ConnectRate rate_;
  Counter& accepted_;
  Counter& refused_;
  Counter& held_back_;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  std::size_t next_loop_ = 0;
};

class TcpListener final : public Listener {
 public:
  explicit TcpListener(std::shared_ptr<Acceptor> acceptor)
      : acceptor_(std::move(acceptor)), address_(acceptor_->address()) {
    acceptor_->start();
  }
  const std::string& address() const noexcept override { return address_; }
  void stop() override { acceptor_->stop(); }

 private:
  std::shared_ptr<Acceptor> acceptor_;
  std::string address_;
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::listen(std::shared_ptr<ConnectionGroup> group, Metrics& metrics,
                                                   const Clock& clock, ListenerOptions options, Arrived arrived) {
  auto acceptor = std::make_shared<Acceptor>(std::move(group), metrics, clock, std::move(options), std::move(arrived));
  IOT_CHECK(acceptor->open());
  return std::unique_ptr<Listener>(std::make_unique<TcpListener>(std::move(acceptor)));
}

}  // namespace iot::net

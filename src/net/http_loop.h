// What the connections of one listener share on one event loop. Belongs to that loop's thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "net/content_decoder.h"
#include "net/http_metrics.h"
#include "net/http_server.h"
#include "net/poller.h"
#include "net/transport.h"

namespace iot::net {

class HttpConnection;

/// How often deadlines are looked at.
inline constexpr std::chrono::milliseconds tick_interval{250};

class HttpLoop {
 public:
  /// All references must outlive the object. `buffered_bytes_max` is this loop's part of the listener's limit; `open`
  /// counts the listener's connections, and one that is adopted is counted already.
  HttpLoop(boost::asio::io_context& context, Poller& poller, std::size_t thread_index, HttpHandler& handler,
           const HttpLimits& limits, std::size_t buffered_bytes_max, HttpMetrics& metrics, const Clock& clock,
           std::atomic<std::size_t>& open);
  ~HttpLoop();
  HttpLoop(const HttpLoop&) = delete;

  /// Begins to serve a connection.
  void adopt(std::unique_ptr<Transport> transport, std::string peer_address);
  /// A connection that is closed: forgets it, and destroys it once nobody is inside of it.
  void remove(HttpConnection& connection);

  /// Brings the coarse clock up to date, ends what is past its deadline, publishes the counts.
  void tick();
  /// Closes idle connections now and the others after their answer. From then on connections do not stay.
  void begin_stop();
  /// Closes all sockets now. A connection whose handler has yet to answer is kept, together with `keeper`, until it
  /// does.
  void cut(const std::shared_ptr<void>& keeper);

  bool stopping() const noexcept { return stopping_; }
  std::size_t connections() const noexcept { return connections_.size(); }
  Clock::Steady now() const noexcept { return now_; }
  std::string_view date_line() const noexcept { return date_line_; }

  /// Notes that a connection holds `change` bytes more (or less).
  void account(std::ptrdiff_t change) noexcept { buffered_bytes_ += change; }
  bool buffers_full() const noexcept { return buffered_bytes_ > buffered_bytes_max_; }

  boost::asio::io_context& context;
  Poller& poller;
  const boost::asio::any_io_executor executor;
  const std::size_t thread_index;
  HttpHandler& handler;
  const HttpLimits& limits;
  HttpMetrics& metrics;
  HttpCounts counts;
  ContentDecoder content_decoder;

 private:
  /// Takes the connection off the list.
  std::unique_ptr<HttpConnection> take(HttpConnection& connection);

  const Clock& clock_;
  std::atomic<std::size_t>& open_;
  const std::ptrdiff_t buffered_bytes_max_;
  std::vector<std::unique_ptr<HttpConnection>> connections_;
  std::ptrdiff_t buffered_bytes_ = 0;
  Clock::Steady now_;
  std::int64_t date_s_ = -1;
  std::string date_line_;
  bool stopping_ = false;
};

}  // namespace iot::net

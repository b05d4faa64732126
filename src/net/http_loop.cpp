#include "net/http_loop.h"

#include <ctime>

#include "base/logging.h"
#include "net/http_connection.h"

namespace iot::net {

namespace {

/// RFC 9110 section 5.6.7.
std::string make_date_line(std::int64_t unix_s) {
  const std::time_t time = unix_s;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[64];
  // The program never sets a locale, so names are English.
  const std::size_t length = std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
  return {text, length};
}

}  // namespace

HttpLoop::HttpLoop(boost::asio::io_context& io_context, Poller& readiness, std::size_t index, HttpHandler& http_handler,
                   const HttpLimits& http_limits, std::size_t buffered_bytes_max, HttpMetrics& http_metrics,
                   const Clock& clock, std::atomic<std::size_t>& open)
    : context(io_context),
      poller(readiness),
      executor(io_context.get_executor()),
      thread_index(index),
      handler(http_handler),
      limits(http_limits),
      metrics(http_metrics),
      clock_(clock),
      open_(open),
      buffered_bytes_max_(static_cast<std::ptrdiff_t>(buffered_bytes_max)) {
  tick();
}

HttpLoop::~HttpLoop() = default;

void HttpLoop::adopt(std::unique_ptr<Transport> transport, std::string peer_address) {
  auto connection = std::make_unique<HttpConnection>(*this, std::move(transport), std::move(peer_address));
  HttpConnection& added = *connection;
  if (auto watched = poller.add(added.socket(), added); !watched) {
    log_warning("a connection was dropped", {{"reason", watched.error().message}});
    --open_;
    return;
  }
  ++counts.accepted;
  added.index = connections_.size();
  connections_.push_back(std::move(connection));
}

void HttpLoop::remove(HttpConnection& connection) {
  poller.retire(take(connection));
}

std::unique_ptr<HttpConnection> HttpLoop::take(HttpConnection& connection) {
  const std::size_t index = connection.index;
  std::swap(connections_[index], connections_.back());
  connections_[index]->index = index;
  std::unique_ptr<HttpConnection> taken = std::move(connections_.back());
  connections_.pop_back();
  taken->leave();
  --open_;
  return taken;
}

void HttpLoop::tick() {
  now_ = clock_.steady_now();
  if (const std::int64_t second = clock_.now().ns / 1'000'000'000; second != date_s_) {
    date_s_ = second;
    date_line_ = make_date_line(second);
  }
  // A connection that closes makes the last one take its place, so the walk goes backwards.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i < connections_.size()) connections_[i]->on_tick();
  }
  metrics.flush(counts);
  metrics.connections().Set(static_cast<double>(open_.load(std::memory_order_relaxed)));
}

void HttpLoop::begin_stop() {
  stopping_ = true;
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i < connections_.size()) connections_[i]->on_stop();
  }
}

void HttpLoop::cut(const std::shared_ptr<void>& keeper) {
  while (!connections_.empty()) {
    HttpConnection& connection = *connections_.back();
    if (connection.is_answering()) {
      connection.abandon(keeper);
      poller.park(take(connection));
    } else {
      remove(connection);
    }
  }
}

}  // namespace iot::net

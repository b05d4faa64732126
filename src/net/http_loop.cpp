#include "net/http_loop.h"

#include <ctime>

#include "net/http_connection.h"

namespace iot::net {

HttpLoop::HttpLoop(const LoopPlace& place, std::shared_ptr<HttpShared> shared, std::size_t buffered_bytes_max)
    : ConnectionLoop(place, buffered_bytes_max),
      shared_(std::move(shared)),
      handler(shared_->handler),
      limits(shared_->limits),
      metrics(shared_->metrics) {
  make_date_line();
}

HttpLoop::~HttpLoop() = default;

void HttpLoop::serve(Arrival arrival) {
  adopt(std::make_unique<HttpConnection>(*this, std::move(arrival.transport), std::move(arrival.peer.address)),
        std::move(arrival.admission));
}

void HttpLoop::tick() {
  make_date_line();
  ConnectionLoop::tick();
  metrics.flush(counts);
  metrics.connections().Set(static_cast<double>(open()));
}

/// RFC 9110 section 5.6.7.
void HttpLoop::make_date_line() {
  const std::int64_t second = clock().now().ns / 1'000'000'000;
  if (second == date_s_) return;
  date_s_ = second;
  const std::time_t time = second;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[64];
  // The program never sets a locale, so names are English.
  const std::size_t length = std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
  date_line_.assign(text, length);
}

}  // namespace iot::net

// What the connections of one HTTP server share on one event loop, besides what every protocol's do
// (net/connection_loop.h). Belongs to that loop's thread.
#pragma once

#include <memory>
#include <string>

#include "net/connection_loop.h"
#include "net/content_decoder.h"
#include "net/http_metrics.h"
#include "net/http_server.h"
#include "net/listener.h"

namespace iot::net {

/// What all loops of a server share, and what must outlive the last of them.
struct HttpShared {
  HttpHandler& handler;
  const HttpLimits limits;
  HttpMetrics metrics;
};

class HttpLoop final : public ConnectionLoop {
 public:
  /// `buffered_bytes_max` is this loop's part of the server's limit.
  HttpLoop(const LoopPlace& place, std::shared_ptr<HttpShared> shared, std::size_t buffered_bytes_max);
  ~HttpLoop() override;

  /// Begins to serve a connection.
  void serve(Arrival arrival);
  void tick() override;
  std::string_view date_line() const noexcept { return date_line_; }

 private:
  const std::shared_ptr<HttpShared> shared_;

 public:
  HttpHandler& handler;
  const HttpLimits& limits;
  HttpMetrics& metrics;
  HttpCounts counts;
  ContentDecoder content_decoder;

 private:
  void make_date_line();

  std::int64_t date_s_ = -1;
  std::string date_line_;
};

}  // namespace iot::net

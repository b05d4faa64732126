// An HTTP/1.1 listener over TCP or TLS: keep-alive, pipelining, Expect: 100-continue, gzip and zstd bodies, and a limit
// on all that a client can make it hold.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/failure.h"
#include "base/metrics.h"
#include "net/errors.h"
#include "net/http.h"
#include "net/io_pool.h"

namespace iot::net {

struct HttpLimits {
  std::size_t target_bytes_max = 8u << 10;         ///< of the request line's target
  std::size_t header_bytes_max = 16u << 10;        ///< request line and header fields together
  std::size_t headers_max = 100;                   ///< number of header fields
  std::size_t body_bytes_max = 16u << 20;          ///< as sent
  std::size_t decompressed_bytes_max = 64u << 20;  ///< after Content-Encoding
  std::size_t buffered_bytes_max = 512u << 20;     ///< of all connections' unanswered requests; past it 503
  std::size_t connections_max = 20'000;            ///< further ones are closed at once, and counted
  std::uint64_t connects_per_s_max = 0;            ///< further ones wait in the kernel's queue; 0: no limit
  /// A POST, PUT or PATCH that says nothing of a body is told 411, lest one that was lost looks like none; else it has
  /// none.
  bool length_required = true;
  std::chrono::seconds idle_s_max{120};    ///< between requests
  std::chrono::seconds request_s_max{60};  ///< from a request's first byte to its last; for TLS to shake hands, too
  std::chrono::seconds write_s_max{60};    ///< for an answer to be taken
};

class HttpServer {
 public:
  /// Listens on address:port (0: any free one). `pool`, `handler` and `metrics` must outlive the server. `name` labels
  /// metrics and logs: "http", "core", "query". Each connection is looked at once a second by `clock` (which must
  /// outlive it too): the deadlines are that coarse. `transport` makes what lies between connection and socket
  /// (TlsContext::transports()); empty: plain TCP.
  static Result<std::unique_ptr<HttpServer>> listen(IoPool& pool, HttpHandler& handler, Metrics& metrics,
                                                    std::string name, const std::string& address, std::uint16_t port,
                                                    HttpLimits limits, const Clock& clock = system_clock(),
                                                    MakeTransport transport = {});
  /// After stop() has reported, or after the pool was joined.
  virtual ~HttpServer() = default;
  /// "127.0.0.1:8083", with the port that was taken.
  virtual const std::string& address() const noexcept = 0;
  /// Stops accepting, closes idle connections, and lets each one that is answering finish its answer. `done` is called
  /// once all are closed, on one of the pool's threads. What is still open at `deadline` is cut.
  virtual void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) = 0;
};

}  // namespace iot::net

// An HTTP/1.1 listener over TCP: keep-alive, pipelining, Expect: 100-continue, gzip and zstd bodies, and a limit on all
// that a client can make it hold.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/failure.h"
#include "base/metrics.h"
#include "net/http.h"
#include "net/io_pool.h"

namespace iot::net {

enum class Errc {
  address_in_use = 1,  ///< Another process listens there. Choose another port, or stop it.
  address_invalid,     ///< Not an address of this machine.
  no_permission,       ///< Ports below 1024 need rights.
  listen_failed,       ///< See the message.
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "net";
}

struct HttpLimits {
  std::size_t target_bytes_max = 8u << 10;         ///< of the request line's target
  std::size_t header_bytes_max = 16u << 10;        ///< request line and header fields together
  std::size_t headers_max = 100;                   ///< number of header fields
  std::size_t body_bytes_max = 16u << 20;          ///< as sent
  std::size_t decompressed_bytes_max = 64u << 20;  ///< after Content-Encoding
  std::size_t buffered_bytes_max = 512u << 20;     ///< of all connections' unanswered requests; past it 503
  std::size_t connections_max = 20'000;            ///< further ones are closed at once, and counted
  /// A POST, PUT or PATCH that says nothing of a body is told 411, lest one that was lost looks like none; else it has
  /// none.
  bool length_required = true;
  std::chrono::seconds idle_s_max{120};    ///< between requests
  std::chrono::seconds request_s_max{60};  ///< from a request's first byte to its last
  std::chrono::seconds write_s_max{60};    ///< for an answer to be taken
};

class HttpServer {
 public:
  /// Listens on address:port (0: any free one). `pool`, `handler` and `metrics` must outlive the server. `name` labels
  /// metrics and logs: "http", "core", "query". `clock` (which must outlive it too) is looked at four times a second:
  /// the deadlines are that coarse.
  static Result<std::unique_ptr<HttpServer>> listen(IoPool& pool, HttpHandler& handler, Metrics& metrics,
                                                    std::string name, const std::string& address, std::uint16_t port,
                                                    HttpLimits limits, const Clock& clock = system_clock());
  /// After stop() has reported, or after the pool was joined.
  virtual ~HttpServer() = default;
  /// "127.0.0.1:8083", with the port that was taken.
  virtual const std::string& address() const noexcept = 0;
  /// Stops accepting, closes idle connections, and lets each one that is answering finish its answer. `done` is called
  /// once all are closed, on one of the pool's threads. What is still open at `deadline` is cut.
  virtual void stop(std::chrono::steady_clock::time_point deadline, std::function<void()> done) = 0;
};

}  // namespace iot::net

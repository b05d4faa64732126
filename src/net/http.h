// HTTP/1.1 messages as plain values, and what answers them. The server is in net/http_server.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/failure.h"
#include "net/transport.h"

namespace iot::net {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };
std::string_view to_string(Method method) noexcept;

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

/// A request with its whole body. All views are valid until the exchange is answered.
struct HttpRequest {
  Method method = Method::other;
  std::string_view target;  ///< as sent
  std::string_view path;    ///< the target before '?', not decoded
  std::string_view query;   ///< after '?', not decoded; empty if there is none
  std::span<const HeaderView> headers;
  /// Decompressed. At least 64 bytes of the same allocation follow it, as simdjson wants.
  std::string_view body;
  /// Textual address of the client, without port.
  std::string_view peer_address;
  /// Of the client's certificate, see Transport::peer_certificate_sha256(); empty: none, or no TLS.
  std::string_view peer_certificate_sha256 = {};
  /// Set, from the event loop, when the client has closed its side while the request is answered: a program that does
  /// so has mostly gone, and long work for it may stop. The answer is sent all the same. Also set where the server is
  /// cut off. Never null from a server; valid until the answer, and until the end of its body where that has a rest.
  const std::atomic<bool>* peer_closed = nullptr;

  /// The value of the first header of this name (any case), or an empty view.
  std::string_view header(std::string_view name) const noexcept;
};

/// The rest of a body that is made while it is sent, a piece each time the one before it has left: a slow reader holds
/// one piece, and no thread.
class BodyStream {
 public:
  struct Piece {
    enum class Then {
      more,    ///< ask again; the piece may be empty
      end,     ///< the body is whole with this piece
      broken,  ///< it will never be whole: the connection ends so that the peer notices
    };
    std::string bytes = {};
    Then then = Then::end;
  };

  virtual ~BodyStream() = default;
  /// Begins to make the next piece; called on the connection's strand, which must not be blocked, and never while one
  /// is being made. `done` is called once, from any thread; the stream is not destroyed before.
  virtual void next(std::function<void(Piece)> done) = 0;
};

struct HttpResponse {
  unsigned status = 200;
  /// The whole body, or its beginning where it has a rest.
  std::string body = {};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::shared_ptr<BodyStream> rest = {};
};

/// A connection that has left the HTTP server, for a protocol that begins as a request (WebSocket). Its socket is not
/// watched any more: make a Connection (net/connection.h) of it and give that to the group of its kind, on the same
/// loop (ConnectionGroup::loop(exchange.thread_index())). What has arrived already is told by no event: drive the new
/// connection once, as if it were readable.
struct TakenConnection {
  /// Null if the server was cut off (HttpServer::stop) while the handler had the request: there is nothing to take
  /// over.
  std::unique_ptr<Transport> transport;
  /// What the peer sent after the request.
  std::string received;
  /// Textual address of the client, without port.
  std::string peer_address;
};

/// One request that waits for its answer. Belongs to its connection, which stays alive until it is answered.
class HttpExchange {
 public:
  virtual const HttpRequest& request() const noexcept = 0;
  /// The connection's strand. Everything of the exchange is called on it.
  virtual const boost::asio::any_io_executor& executor() const noexcept = 0;
  /// Which of the pool's threads the connection lives on: 0 .. threads-1.
  virtual std::size_t thread_index() const noexcept = 0;
  /// Answers, exactly once, on the strand; the exchange and its request must not be used afterwards.
  virtual void respond(HttpResponse&& response) = 0;
  /// The same for a whole response (status line, headers with Content-Length, body) that is the same each time and
  /// lives as long as the program.
  virtual void respond_static(std::string_view whole_response) = 0;
  /// Instead of an answer: takes the connection out of the server, which forgets it. Copy what is needed of the request
  /// before. Only of requests with an Upgrade field or that accept text/event-stream: what answers earlier requests is
  /// sent before those are handled.
  virtual TakenConnection take_over() = 0;

 protected:
  ~HttpExchange() = default;
};

/// What a listener serves.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Begins to answer: on the connection's strand, and must not block. The answer may come at once or later.
  virtual void handle(HttpExchange& exchange) = 0;
  /// The answer for a request that never reached handle(): malformed, too large, too slow. `status` is 400, 408, 411,
  /// 413, 414, 415, 417, 431, 501, 503 or 505; the connection is closed after it.
  virtual HttpResponse refuse(unsigned status, std::string_view reason) = 0;
};

/// Answers `exchange` with what the coroutine returns; if an exception escapes it, logs that and answers `failed`.
void respond_with(HttpExchange& exchange, boost::asio::awaitable<HttpResponse> response, HttpResponse failed);

/// The status that answers an error of this group: the one place where a group becomes an HTTP status.
unsigned http_status(Failure failure) noexcept;

/// Decodes %XX of a path segment or (with '+' as blank) of a query value; nothing if it is malformed.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank = false);
/// The decoded parameters of a query, in order; nothing if it is malformed.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace iot::net

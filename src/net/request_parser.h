// Takes HTTP/1.0 and HTTP/1.1 requests (RFC 9112) out of received bytes. Bytes in, values out: no socket, clock or
// thread.
//
// net/header_parser.h does the header's grammar; on top of it everything is refused about which two parties on the way
// could disagree, as that is what request smuggling lives on: bare line feeds, folded fields, more than one
// Content-Length or a list of them, Content-Length together with Transfer-Encoding, any transfer coding but "chunked",
// more than one Host.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "net/chunk_decoder.h"
#include "net/header_parser.h"
#include "net/http.h"
#include "net/http_server.h"
#include "net/read_buffer.h"

namespace iot::net {

class RequestParser {
 public:
  enum class Step {
    need_more,  ///< Append more bytes to the buffer and call again.
    complete,   ///< request() is there.
    refused,    ///< refusal() says why; nothing that follows on this connection can be trusted.
  };

  /// `limits` must outlive the parser.
  explicit RequestParser(const HttpLimits& limits);
  RequestParser(const RequestParser&) = delete;

  /// Goes on with the request at the front of `buffer`. Its bytes stay in the buffer until next().
  Step parse(ReadBuffer& buffer);

  /// After complete. The views are valid until next(); the body is as sent (Content-Encoding is the caller's business)
  /// and has ReadBuffer::padding_bytes after it.
  const HttpRequest& request() const noexcept { return request_; }
  HttpRequest& request() noexcept { return request_; }
  const Refusal& refusal() const noexcept { return refusal_; }

  /// Once the header is complete: whether the connection goes on after the answer, and the minor version (0 or 1).
  bool keep_alive() const noexcept { return keep_alive_; }
  unsigned minor_version() const noexcept { return header_.header().minor_version; }
  /// Of the body as sent; empty if there is none.
  std::string_view content_encoding() const noexcept { return header_.header().content_encoding; }
  /// True once per request that wants "100 Continue" before it sends the body that is still missing.
  bool take_expects_continue() noexcept { return std::exchange(expects_continue_, false); }
  /// Whether any byte of a request has been seen.
  bool started() const noexcept { return started_; }

  /// Removes the finished request from the buffer and gets ready for the next.
  void next(ReadBuffer& buffer);

  /// Bytes held beyond the buffer's (a chunked body's).
  std::size_t held_bytes() const noexcept { return chunked_body_.capacity(); }

 private:
  enum class Phase { header, sized_body, chunked_body, complete };

  Step parse_header(ReadBuffer& buffer);
  Step parse_sized_body(ReadBuffer& buffer);
  Step parse_chunked_body(ReadBuffer& buffer);
  Step refuse(unsigned status, std::string_view reason) noexcept;
  bool accept_header(const RequestHeader& header);
  /// The header's bytes lie at `base` by now.
  void follow(const char* base) noexcept;

  const HttpLimits& limits_;
  HeaderParser header_;
  ChunkDecoder chunks_;
  HttpRequest request_;
  Refusal refusal_;
  Phase phase_ = Phase::header;
  bool started_ = false;
  bool keep_alive_ = true;
  bool expects_continue_ = false;
  const char* base_ = nullptr;  ///< where the views of request_ point to
  std::size_t header_bytes_ = 0;
  std::size_t body_bytes_ = 0;  ///< of a sized body
  std::string chunked_body_;
};

}  // namespace iot::net

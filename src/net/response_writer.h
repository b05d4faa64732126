// HTTP answers as bytes.
#pragma once

#include <string>
#include <string_view>

#include "net/http.h"

namespace iot::net {

std::string_view reason_phrase(unsigned status) noexcept;

/// Whether answers of this status have a body and its length (RFC 9110 section 8.6).
bool has_content(unsigned status) noexcept;

/// What of an answer depends on the request and the moment rather than on the handler.
struct ResponseFrame {
  std::string_view date_line;  ///< "Date: ...\r\n"
  unsigned minor_version = 1;  ///< of the request
  bool keep_alive = true;
  bool head_only = false;  ///< the request was HEAD: the header of the answer alone
};

/// A piece of a body whose length is not known, as HTTP/1.1 sends it (RFC 9112 section 7.1): what stands before it, and
/// what follows it and, if it is the last one, ends the body. A piece is not empty.
void append_chunk_head(std::string& out, std::size_t piece_bytes);
std::string_view chunk_end(bool last) noexcept;
/// The end of a body after its last piece.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// Appends status line and header fields of `response`, with the length of its body, but not the body. One that has a
/// rest comes in chunks, or to HTTP/1.0 until the connection ends.
void append_response_head(std::string& out, const HttpResponse& response, const ResponseFrame& frame);

/// Appends a whole answer as given to HttpExchange::respond_static, with what the frame adds to it.
void append_static_response(std::string& out, std::string_view whole_response, const ResponseFrame& frame);

}  // namespace iot::net

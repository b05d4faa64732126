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

/// Appends status line and header fields of `response`, with the length of its body, but not the body.
void append_response_head(std::string& out, const HttpResponse& response, const ResponseFrame& frame);

/// Appends a whole answer as given to HttpExchange::respond_static, with what the frame adds to it.
void append_static_response(std::string& out, std::string_view whole_response, const ResponseFrame& frame);

}  // namespace iot::net

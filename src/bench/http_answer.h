// Takes answers of an HTTP/1.1 server out of received bytes, with as little parsing as counting them needs. It trusts
// the server: no limits. For requests see net/request_parser.h.
#pragma once

#include <optional>
#include <string_view>

namespace iot::bench {

/// Views of the received bytes.
struct HttpAnswer {
  unsigned status = 0;  ///< 0: this is no HTTP
  std::string_view head = {};
  std::string_view body = {};
  std::size_t bytes = 0;  ///< of it all
  bool closes = false;    ///< `Connection: close`
};

/// Nothing if it is not whole yet. An answer without a Content-Length has no body.
std::optional<HttpAnswer> read_answer(std::string_view received);

/// A field's value, by its name in any case; nothing if the head has none.
std::optional<std::string_view> field_of(std::string_view head, std::string_view name);

}  // namespace iot::bench

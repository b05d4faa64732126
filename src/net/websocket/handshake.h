// The opening handshake of a WebSocket (RFC 6455 section 4.2), as a server sees it: from the request to what is agreed
// on. Values in, values out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace iot::net {

/// What a client asks for that has asked rightly. Views of the request.
struct WebSocketOffer {
  std::string_view key;
  std::vector<std::string_view> protocols;  ///< in the client's order of preference
  std::string_view origin;                  ///< empty: none, so not a browser
  /// The window that the client allows for what it receives, if permessage-deflate can be agreed on.
  std::optional<unsigned> deflate_window_bits;
};

/// Why a request is no handshake: 400 for what is malformed, 426 for other versions (answer with
/// `Sec-WebSocket-Version: 13`), 405 for other methods. The sentence lives as long as the program.
struct WebSocketRefusal {
  unsigned status;
  std::string_view reason;
};

/// Whether the request asks for a WebSocket at all, rightly or not.
bool asks_for_websocket(const HttpRequest& request) noexcept;

/// At most 32 protocols and 16 extensions are looked at; more are refused.
struct WebSocketOpening {
  std::optional<WebSocketOffer> offer;
  WebSocketRefusal refusal{400, ""};
};
WebSocketOpening read_offer(const HttpRequest& request);

/// The whole answer that opens the connection. `protocol` is one of those offered, or empty; with `deflate_window_bits`
/// (at most the offer's) permessage-deflate is agreed on, without context takeover on either side.
std::string accept_offer(const WebSocketOffer& offer, std::string_view protocol,
                         std::optional<unsigned> deflate_window_bits);

}  // namespace iot::net

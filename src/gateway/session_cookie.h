// The session of a browser: a user's token in a cookie that scripts cannot read (IoTCore's POST /api/session sets it).
// Browsers send cookies along with requests that other sites' pages make, so what the cookie stands for counts only
// where the request comes from a page of ours.
#pragma once

#include <optional>
#include <string_view>

#include "net/http.h"

namespace iot::gateway {

inline constexpr std::string_view session_cookie_name = "iotplatform_session";

/// The token of the session, if the request brings one and no `Authorization`, which goes before it.
std::optional<std::string_view> session_token(const net::HttpRequest& request) noexcept;

/// Whether the session counts for this request: always for GET and HEAD, whose answers no foreign page can read; for
/// what changes something, and for WebSockets, which any page may open and read, only from our own pages.
bool may_use_session(const net::HttpRequest& request) noexcept;

}  // namespace iot::gateway

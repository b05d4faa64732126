#include "gateway/session_cookie.h"

#include "net/cookies.h"
#include "net/request_site.h"
#include "net/websocket/handshake.h"

namespace iot::gateway {

std::optional<std::string_view> session_token(const net::HttpRequest& request) noexcept {
  if (!request.header("Authorization").empty()) return {};
  const auto token = net::cookie(request, session_cookie_name);
  // What is left of a cookie that was cleared.
  if (token && token->empty()) return {};
  return token;
}

bool may_use_session(const net::HttpRequest& request) noexcept {
  const bool reads = request.method == net::Method::get || request.method == net::Method::head;
  if (reads && !net::asks_for_websocket(request)) return true;
  const net::RequestSite site = net::site_of(request);
  return site == net::RequestSite::same_origin || (reads && site == net::RequestSite::by_hand);
}

}  // namespace iot::gateway

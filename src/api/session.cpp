// /api/session: signing in and out for browsers, whose scripts never see the token: it is in a cookie that is theirs to
// send and not to read.
#include "api/caller.h"
#include "api/entity_json.h"
#include "api/pages.h"
#include "api/sign_in.h"
#include "gateway/session_cookie.h"
#include "net/request_site.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

/// Signing somebody in or out from another site's page would make the browser's user work as somebody else. Whoever is
/// no browser says nothing of this.
Result<void> check_site(const Request& request) {
  if (net::site_of(request.http) != net::RequestSite::other) return {};
  return make_error(Errc::cross_site_request, "sessions are begun and ended only by our own pages");
}

/// RFC 6265 section 4.1. Only for TLS where that is spoken here, or in front of us: then the page's address says so.
std::string cookie(const Request& request, std::string_view token, std::chrono::seconds lifetime) {
  std::string text = std::string(gateway::session_cookie_name) + "=" + std::string(token);
  text += "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(lifetime.count());
  const bool over_tls = request.service.options.speaks_tls || request.http.header("Origin").starts_with("https://");
  if (over_tls) text += "; Secure";
  return text;
}

/// Of a token that was verified, or just issued.
Result<Timestamp> expiry_of(const Request& request, std::string_view token) {
  IOT_TRY(const access::Identity identity, request.service.use.tokens.verify(token, access::Audience::user));
  if (!identity.expires) return make_error(access::Errc::malformed, "the session's token has no end", "Cookie");
  return *identity.expires;
}

net::HttpResponse session_response(const model::User& user, Timestamp expires) {
  return result_response(user, [&](JsonWriter& json, const model::User& each) { write_session(json, each, expires); });
}

awaitable<Answer> begin(Request& request) {
  IOT_CO_CHECK(check_site(request));
  const auto signed_in = co_await sign_in(request);
  if (!signed_in) co_return signed_in.error();
  IOT_CO_TRY(const Timestamp expires, expiry_of(request, signed_in->token));
  net::HttpResponse response = session_response(signed_in->user, expires);
  response.headers.emplace_back("Set-Cookie",
                                cookie(request, signed_in->token, request.service.options.user_token_lifetime));
  co_return response;
}

awaitable<Answer> show(Request& request) {
  const auto token = gateway::session_token(request.http);
  if (!token)
    co_return make_error(Errc::not_signed_in, "there is no session: sign in with POST /api/session", "Cookie");
  IOT_CO_TRY(const Timestamp expires, expiry_of(request, *token));
  IOT_CO_TRY(const model::User user,
             co_await blocking(request.service, [&] { return request.registry().user(request.caller.user); }));
  co_return session_response(user, expires);
}

awaitable<Answer> end(Request& request) {
  IOT_CO_CHECK(check_site(request));
  net::HttpResponse response = json_response(R"({"result":{}})");
  response.headers.emplace_back("Set-Cookie", cookie(request, "", std::chrono::seconds(0)));
  co_return response;
}

}  // namespace

std::span<const Route> session_routes() {
  using enum net::Method;
  static const std::vector<Route> routes = {
      {post, "/api/session", "beginSession", Access::anyone,
       "Sign in with a browser: the token comes as a cookie that scripts cannot read", begin, "SignIn",
       "SessionResult"},
      {get,
       "/api/session",
       "getSession",
       Access::reader,
       "Show who is signed in by the cookie, and until when",
       show,
       {},
       "SessionResult"},
      {delete_,
       "/api/session",
       "endSession",
       Access::anyone,
       "Sign out: the cookie is cleared",
       end,
       {},
       "SessionEnded"},
  };
  return routes;
}

}  // namespace iot::api

#include "net/request_site.h"

#include <utility>

#include "net/letters.h"

namespace iot::net {
namespace {

/// "example.org:443" of https is "example.org": who names the scheme's own port means the same origin.
std::string_view without_port(std::string_view authority, std::string_view port) noexcept {
  if (authority.ends_with(port)) authority.remove_suffix(port.size());
  return authority;
}

bool is_of_host(std::string_view origin, std::string_view host) noexcept {
  using Scheme = std::pair<std::string_view, std::string_view>;
  for (const auto& [scheme, port] : {Scheme("http://", ":80"), Scheme("https://", ":443")}) {
    if (origin.size() <= scheme.size() || !equal_ignoring_case(origin.substr(0, scheme.size()), scheme)) continue;
    return !host.empty() &&
           equal_ignoring_case(without_port(origin.substr(scheme.size()), port), without_port(host, port));
  }
  // "null", which sandboxed pages send, and schemes of other things than pages.
  return false;
}

}  // namespace

RequestSite site_of(const HttpRequest& request) noexcept {
  if (const auto site = request.header("Sec-Fetch-Site"); !site.empty()) {
    if (site == "same-origin") return RequestSite::same_origin;
    return site == "none" ? RequestSite::by_hand : RequestSite::other;
  }
  const auto origin = request.header("Origin");
  if (origin.empty()) return RequestSite::unknown;
  return is_of_host(origin, request.header("Host")) ? RequestSite::same_origin : RequestSite::other;
}

}  // namespace iot::net

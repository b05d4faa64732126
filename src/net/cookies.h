// Cookies as a server reads them (RFC 6265 sections 4.1.1 and 4.2).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "net/http.h"

namespace iot::net {

/// Cookies of a request that are looked at; a request with more has none for us. Browsers keep a few dozen for a site.
inline constexpr std::size_t cookies_max = 128;

/// The value of the request's cookie of this name, without the quotes that may stand around it; valid as long as the
/// request. Nothing where there is none, where it has letters that a cookie cannot have, and where it comes twice with
/// different values: which of them is ours, and which was set by a neighbour of the same domain, cannot be told.
std::optional<std::string_view> cookie(const HttpRequest& request, std::string_view name) noexcept;

}  // namespace iot::net

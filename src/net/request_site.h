// From which site's page a browser sends a request: what tells a page of ours from a stranger's that uses the reader's
// cookies (cross-site request forgery).
#pragma once

#include <cstdint>

#include "net/http.h"

namespace iot::net {

enum class RequestSite : std::uint8_t {
  same_origin,  ///< a page of this very host and port
  by_hand,      ///< no page: an address that the user typed, a bookmark
  other,        ///< any other page, of a sibling domain or of another port too
  unknown,      ///< neither field is there: no browser, or a very old one
};

/// By `Sec-Fetch-Site` (Fetch Metadata, W3C), which no page can set; where it is missing by `Origin` (RFC 6454), whose
/// host and port must be those of `Host`.
RequestSite site_of(const HttpRequest& request) noexcept;

}  // namespace iot::net

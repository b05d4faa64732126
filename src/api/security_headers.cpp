#include "api/security_headers.h"

namespace iot::api {

void add_security_headers(net::HttpResponse& response) {
  auto& headers = response.headers;
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("X-Frame-Options", "DENY");
  headers.emplace_back("Referrer-Policy", "no-referrer");
  headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  // Tokens and what belongs to one user: no cache keeps it.
  headers.emplace_back("Cache-Control", "no-store");
  const bool is_page = response.content_type.starts_with("text/html");
  headers.emplace_back("Content-Security-Policy",
                       is_page ? "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                                 "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
                               : "default-src 'none'; frame-ancestors 'none'");
}

}  // namespace iot::api

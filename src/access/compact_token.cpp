#include "access/compact_token.h"

#include <algorithm>
#include <array>
#include <utility>

#include "access/base64url.h"
#include "access/rsa_key.h"
#include "access/strict_json.h"

namespace iot::access {
namespace {

/// Nothing that we issue nests; room for what RFC 7515 allows a header to hold ("jwk").
constexpr std::size_t header_depth_max = 4;

Error malformed(std::string why) {
  return make_error(Errc::malformed, "the token " + std::move(why));
}

bool is_jwt_type(std::string_view type) {
  constexpr std::string_view expected = "jwt";
  return std::ranges::equal(type, expected, [](char given, char wanted) {
    return (given >= 'A' && given <= 'Z' ? static_cast<char>(given - 'A' + 'a') : given) == wanted;
  });
}

Result<boost::json::object> parse_header(std::string_view text) {
  auto parsed = parse_strict_json(text, header_depth_max);
  if (const auto* fault = std::get_if<JsonFault>(&parsed)) return malformed("has a bad header: " + fault->message);
  auto& value = std::get<boost::json::value>(parsed);
  if (!value.is_object()) return malformed("has a header that is no object");
  auto& header = value.get_object();
  if (header.contains("crit")) return malformed("asks for extensions (crit) that are not known here");
  if (const auto* type = header.if_contains("typ"); type && !(type->is_string() && is_jwt_type(type->get_string()))) {
    return malformed("has another type (typ) than JWT");
  }
  const auto* algorithm = header.if_contains("alg");
  if (!algorithm || !algorithm->is_string()) return malformed("names no algorithm (alg)");
  if (algorithm->get_string() != "RS256") {
    return make_error(Errc::bad_signature, "the token is signed with another algorithm than RS256");
  }
  return std::move(header);
}

}  // namespace

Result<CompactToken> parse_compact(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) {
    return malformed("does not have three parts");
  }
  auto header = decode_base64url(token.substr(0, first));
  auto payload = decode_base64url(token.substr(first + 1, second - first - 1));
  auto signature = decode_base64url(token.substr(second + 1));
  if (!header || !payload || !signature) return malformed("is not base64url without padding");
  if (header->empty()) return malformed("has no header");
  if (signature->empty()) return make_error(Errc::bad_signature, "the token has no signature");
  CompactToken parts;
  IOT_TRY(parts.header, parse_header(*header));
  parts.payload = std::move(*payload);
  parts.signing_input = token.substr(0, second);
  parts.signature = std::move(*signature);
  return parts;
}

Result<std::string> verify_rs256(std::string_view token, EVP_PKEY* key) {
  IOT_TRY(CompactToken parts, parse_compact(token));
  if (!rs256_matches(key, parts.signing_input, parts.signature)) {
    return make_error(Errc::bad_signature, "the token's signature does not match");
  }
  return std::move(parts.payload);
}

}  // namespace iot::access

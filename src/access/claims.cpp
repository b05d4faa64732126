#include "access/claims.h"

#include <boost/json/object.hpp>

#include "access/strict_json.h"
#include "base/ids.h"

namespace iot::access {
namespace {

namespace json = boost::json;

/// Nothing that we issue nests; a legacy token may say more than we know.
constexpr std::size_t payload_depth_max = 8;

Error malformed(std::string_view claim, std::string_view why) {
  return make_error(Errc::malformed, "the token's " + std::string(claim) + " " + std::string(why));
}

Result<std::string_view> text_of(const json::object& payload, std::string_view name) {
  const json::value* value = payload.if_contains(name);
  if (!value) return malformed(name, "is missing");
  if (!value->is_string()) return malformed(name, "is not a string");
  return std::string_view(value->get_string());
}

/// A NumericDate. We issue whole seconds, and take nothing else.
Result<std::optional<Timestamp>> date_of(const json::object& payload, std::string_view name) {
  const json::value* value = payload.if_contains(name);
  if (!value) return std::optional<Timestamp>();
  if (!value->is_int64() || value->get_int64() < 0 || value->get_int64() > numeric_date_max) {
    return malformed(name, "is not a time in whole seconds");
  }
  return std::optional(Timestamp{value->get_int64() * 1'000'000'000});
}

Result<Audience> audience_of(const json::object& payload) {
  IOT_TRY(const std::string_view name, text_of(payload, "aud"));
  for (const Audience each : {Audience::device, Audience::consumer, Audience::user}) {
    if (name == to_string(each)) return each;
  }
  return malformed("aud", "is not device, consumer or user");
}

Result<std::uint64_t> version_of(const json::object& payload) {
  const json::value* value = payload.if_contains("ver");
  if (!value) return malformed("ver", "is missing");
  if (!value->is_int64() || value->get_int64() < 1) return malformed("ver", "is not an integer above zero");
  return static_cast<std::uint64_t>(value->get_int64());
}

}  // namespace

Result<Claims> parse_claims(std::string_view text, std::string_view issuer, ClaimForm form) {
  auto parsed = parse_strict_json(text, payload_depth_max);
  if (const auto* fault = std::get_if<JsonFault>(&parsed)) return malformed("payload", "is bad: " + fault->message);
  const auto& value = std::get<json::value>(parsed);
  if (!value.is_object()) return malformed("payload", "is no object");
  const json::object& payload = value.get_object();

  Claims claims;
  IOT_TRY(const std::string_view its_issuer, text_of(payload, "iss"));
  if (its_issuer != issuer) return malformed("iss", "is not ours");
  IOT_TRY(const std::string_view subject, text_of(payload, "sub"));
  const auto id = parse_id<Id<struct SubjectTag>>(subject);
  if (!id) return malformed("sub", "is not a canonical integer");
  claims.identity.subject = id->value;
  IOT_TRY(claims.identity.expires, date_of(payload, "exp"));
  IOT_TRY(claims.not_before, date_of(payload, "nbf"));
  IOT_TRY(claims.issued, date_of(payload, "iat"));

  if (form == ClaimForm::legacy) {
    claims.has_audience = payload.contains("aud");
    if (claims.has_audience) {
      IOT_TRY(claims.identity.audience, audience_of(payload));
    }
    claims.identity.key_version = 0;
    return claims;
  }
  if (!claims.issued) return malformed("iat", "is missing");
  IOT_TRY(const std::string_view token_id, text_of(payload, "jti"));
  if (token_id.empty()) return malformed("jti", "is empty");
  IOT_TRY(claims.identity.audience, audience_of(payload));
  IOT_TRY(claims.identity.key_version, version_of(payload));
  return claims;
}

}  // namespace iot::access

#include "gateway/principal.h"

namespace iot::gateway {
namespace {

registry::SubjectKind kind_of(access::Audience audience) noexcept {
  switch (audience) {
    case access::Audience::device:
      return registry::SubjectKind::device;
    case access::Audience::consumer:
      return registry::SubjectKind::consumer;
    case access::Audience::user:
      break;
  }
  return registry::SubjectKind::user;
}

}  // namespace

Result<Principal> principal_of_token(const access::Tokens& tokens, std::string_view token, access::Audience audience,
                                     const registry::Snapshot& snapshot) {
  IOT_TRY(const access::Identity identity, tokens.verify(token, audience));
  const Principal principal{.kind = kind_of(audience),
                            .id = identity.subject,
                            .key_version = identity.key_version,
                            .expires = identity.expires};
  if (!is_current(principal, snapshot)) {
    return make_error(access::Errc::revoked,
                      "the " + std::string(to_string(audience)) + " is gone, or its key was rotated");
  }
  return principal;
}

std::optional<Principal> principal_of_certificate(std::string_view sha256, const registry::Snapshot& snapshot) {
  const auto fingerprint = parse_fingerprint(sha256);
  if (!fingerprint) return {};
  const auto device = snapshot.certificates.find(*fingerprint);
  if (!device) return {};
  return Principal{.kind = registry::SubjectKind::device, .id = device->value, .certificate = fingerprint};
}

}  // namespace iot::gateway

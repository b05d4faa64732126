#include "access/identity.h"

#include "access/tokens.h"

namespace iot::access {

std::string_view to_string(Audience audience) noexcept {
  switch (audience) {
    case Audience::device:
      return "device";
    case Audience::consumer:
      return "consumer";
    case Audience::user:
      return "user";
  }
  return "user";
}

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::malformed:
      return {"malformed_token", Failure::unauthenticated};
    case Errc::bad_signature:
      return {"bad_signature", Failure::unauthenticated};
    case Errc::wrong_kind:
      return {"wrong_kind_of_token", Failure::forbidden};
    case Errc::expired:
      return {"token_expired", Failure::unauthenticated};
    case Errc::revoked:
      return {"token_revoked", Failure::unauthenticated};
    case Errc::wrong_password:
      return {"wrong_password", Failure::unauthenticated};
    case Errc::too_many_attempts:
      return {"too_many_attempts", Failure::too_many};
    case Errc::key_unusable:
      return {"key_unusable", Failure::unavailable};
    case Errc::not_ready:
      return {"key_not_ready", Failure::unavailable};
  }
  return {"unknown", Failure::internal};
}

}  // namespace iot::access

// A JWS in compact form (RFC 7515 section 7.1), taken apart and checked as strictly as the RFCs allow. Internal to
// access/.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <openssl/evp.h>

#include "access/tokens.h"

namespace iot::access {

struct CompactToken {
  boost::json::object header;
  std::string payload;             ///< decoded
  std::string_view signing_input;  ///< "header.payload" as sent: a view of the token
  std::string signature;           ///< decoded
};

/// Takes `token` apart. Errc::malformed: not three parts of canonical base64url, or a header that is no single JSON
/// object without duplicate members, has `crit` (we understand no extension) or a `typ` other than JWT.
/// Errc::bad_signature: an `alg` other than RS256.
Result<CompactToken> parse_compact(std::string_view token);

/// The token's payload, if its signature is the key's. Nothing is taken from the header but `alg`, which must be RS256:
/// never a key, never a place to get one.
Result<std::string> verify_rs256(std::string_view token, EVP_PKEY* key);

}  // namespace iot::access

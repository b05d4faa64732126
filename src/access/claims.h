// What a token's payload says, in both directions. Internal to access/.
//
//   {"aud":"device","exp":1526804367,"iat":1526717967,"iss":"iotplatform","jti":"4M1v…","sub":"3","ver":1}
//
// `ver` is ours: the version of the subject's key (Identity::key_version).
#pragma once

#include <string_view>

#include "access/tokens.h"

namespace iot::access {

struct Claims {
  Identity identity;
  /// Absent in a legacy token: it is of the kind that it is asked for.
  bool has_audience = true;
  std::optional<Timestamp> not_before;
  std::optional<Timestamp> issued;
};

/// Whether what the original platform left out may be missing.
enum class ClaimForm { ours, legacy };

/// Reads a payload whose signature was verified. Errc::malformed: not a single JSON object without duplicate members,
/// another `iss`, a member that is missing or has another type or range. Members that we do not know are passed over.
Result<Claims> parse_claims(std::string_view payload, std::string_view issuer, ClaimForm form);

/// The last second that a NumericDate may have here: it must fit nanoseconds in 64 bits (year 2262).
inline constexpr std::int64_t numeric_date_max = timestamp_max.ns / 1'000'000'000;

}  // namespace iot::access

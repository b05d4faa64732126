// Base64url as JWS wants it (RFC 7515 section 2): no padding, no other characters, and one text for each byte string.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace iot::access {

std::string encode_base64url(std::string_view bytes);

/// Nothing if `text` holds any other character ('=' too), has a length that no byte string has, or has bits set that
/// belong to no byte: then another text would mean the same bytes.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace iot::access

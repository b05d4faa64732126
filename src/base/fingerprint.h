// What a certificate is known by: the SHA-256 of its DER form.
//
// Made from a certificate by access/certificate.h (a PEM text) and by TLS (what a client showed).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace iot {

struct Fingerprint {
  std::array<std::uint8_t, 32> bytes{};

  constexpr auto operator<=>(const Fingerprint&) const = default;
  /// 64 lower-case hexadecimal digits.
  std::string to_string() const;
};

/// Of 64 hexadecimal digits in any case, with or without colons between pairs ("AB:CD:..." is what openssl prints);
/// nothing if it is of another form.
std::optional<Fingerprint> parse_fingerprint(std::string_view text) noexcept;

}  // namespace iot

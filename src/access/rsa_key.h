// RSA keys by OpenSSL: what a key must be to sign or verify here, and its public form as a JWK. Internal to access/.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "access/tokens.h"

namespace iot::access {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, KeyDeleter>;

inline constexpr int rsa_bits_min = 2'048;

/// Refuses with Errc::key_unusable what is no RSA key, is shorter than rsa_bits_min, has a public exponent that is even
/// or below 65537 (RFC 8017, NIST SP 800-56B), or a modulus of the form that the Infineon library made (CVE-2017-15361,
/// "ROCA": its private key can be computed).
Result<void> check_rsa_key(EVP_PKEY* key);

/// The key's `n` and `e` as in a JWK (RFC 7518 section 6.3.1).
struct JwkNumbers {
  std::string modulus;
  std::string exponent;
};
JwkNumbers jwk_numbers(EVP_PKEY* key);

/// RFC 7638.
std::string jwk_thumbprint(const JwkNumbers& numbers);

/// Whether `signature` is RSASSA-PKCS1-v1_5 with SHA-256 of `message` by the key.
bool rs256_matches(EVP_PKEY* key, std::string_view message, std::string_view signature);

}  // namespace iot::access

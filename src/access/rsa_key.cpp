#include "access/rsa_key.h"

#include <array>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "access/base64url.h"

namespace iot::access {
namespace {

struct NumberDeleter {
  void operator()(BIGNUM* number) const noexcept { BN_free(number); }
};
using NumberPtr = std::unique_ptr<BIGNUM, NumberDeleter>;

struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

NumberPtr number_of(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  return NumberPtr(number);
}

std::string big_endian(const BIGNUM& number) {
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(&number)), '\0');
  BN_bn2bin(&number, reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

/// Such a modulus is a power of 65537 modulo each of the first primes (Nemec et al., "The Return of Coppersmith's
/// Attack", 2017). A random modulus is that for all of these primes with a probability below 2^-27.
bool looks_like_roca(const BIGNUM& modulus) {
  constexpr std::array<unsigned, 38> primes = {3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                               47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                               107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
  for (const unsigned prime : primes) {
    const auto remainder = static_cast<unsigned>(BN_mod_word(&modulus, prime));
    bool is_power = false;
    unsigned power = 1;
    for (unsigned i = 0; i < prime && !is_power; ++i) {
      is_power = power == remainder;
      power = power * (65'537 % prime) % prime;
    }
    if (!is_power) return false;
  }
  return true;
}

}  // namespace

Result<void> check_rsa_key(EVP_PKEY* key) {
  const auto unusable = [](std::string why) { return make_error(Errc::key_unusable, std::move(why)); };
  if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return unusable("it is not an RSA key");
  if (EVP_PKEY_get_bits(key) < rsa_bits_min) {
    return unusable("it has " + std::to_string(EVP_PKEY_get_bits(key)) + " bits; at least " +
                    std::to_string(rsa_bits_min) + " are needed");
  }
  const NumberPtr modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
  const NumberPtr exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
  if (!modulus || !exponent) return unusable("it has no modulus or no exponent");
  if (!BN_is_odd(exponent.get()) || BN_get_word(exponent.get()) < 65'537) {
    return unusable("its public exponent is even or below 65537");
  }
  if (looks_like_roca(*modulus)) return unusable("it was made by a library with a known flaw (CVE-2017-15361)");
  return {};
}

JwkNumbers jwk_numbers(EVP_PKEY* key) {
  const NumberPtr modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
  const NumberPtr exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
  return {encode_base64url(big_endian(*modulus)), encode_base64url(big_endian(*exponent))};
}

std::string jwk_thumbprint(const JwkNumbers& numbers) {
  const std::string text = R"({"e":")" + numbers.exponent + R"(","kty":"RSA","n":")" + numbers.modulus + R"("})";
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return encode_base64url(digest);
}

bool rs256_matches(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const std::unique_ptr<EVP_MD_CTX, DigestDeleter> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  const bool matches =
      context && EVP_DigestVerifyInit(context.get(), &parameters, EVP_sha256(), nullptr, key) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING) == 1 &&
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  // A refused signature leaves its reasons in the thread's queue, where the next user of OpenSSL would find them.
  if (!matches) ERR_clear_error();
  return matches;
}

}  // namespace iot::access

#include "access/passwords.h"

#include <array>
#include <cassert>
#include <new>

#include <sodium.h>

namespace iot::access {
namespace {

/// libsodium's text form of argon2id with random salt and random digest: nobody knows a password for it, and comparing
/// with it takes as long as with a real one. Making it costs nothing, which a start within milliseconds needs.
std::string random_hash(const PasswordOptions& options) {
  const auto random_text = [](std::size_t count) {
    std::array<unsigned char, 32> bytes;
    std::array<char, sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)> text;
    randombytes_buf(bytes.data(), count);
    sodium_bin2base64(text.data(), text.size(), bytes.data(), count, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    return std::string(text.data());
  };
  return "$argon2id$v=19$m=" + std::to_string(options.memory_bytes / 1024) + ",t=" + std::to_string(options.passes) +
         ",p=1$" + random_text(crypto_pwhash_SALTBYTES) + "$" + random_text(32);
}

}  // namespace

Passwords::Passwords(PasswordOptions options) : options_(options) {
  [[maybe_unused]] const int ready = sodium_init();
  assert(ready >= 0);
  assert(options.memory_bytes >= crypto_pwhash_MEMLIMIT_MIN && options.passes >= crypto_pwhash_OPSLIMIT_MIN);
  nobody_ = random_hash(options_);
}

std::string Passwords::hash(std::string_view password) const {
  std::array<char, crypto_pwhash_STRBYTES> text;
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), options_.passes, options_.memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::bad_alloc();  // the only reason that libsodium has
  }
  return std::string(text.data());
}

bool Passwords::verify(std::string_view password, std::string_view hash) const {
  const std::string compared(hash.empty() ? std::string_view(nobody_) : hash);
  return crypto_pwhash_str_verify(compared.c_str(), password.data(), password.size()) == 0 && !hash.empty();
}

std::string Passwords::generate() {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  [[maybe_unused]] const int ready = sodium_init();
  assert(ready >= 0);
  std::string password(20, ' ');
  for (char& each : password) each = alphabet[randombytes_uniform(static_cast<std::uint32_t>(alphabet.size()))];
  return password;
}

}  // namespace iot::access

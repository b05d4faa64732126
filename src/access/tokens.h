// Tokens: JWTs with RS256 (RFC 7519, RFC 7515, RFC 8725), issued for devices, consumers and users and verified here.
//
// Signing and the first verification of a token take RSA's time (milliseconds, tens of microseconds): call issue()
// through net's offload, never on a strand. A verified token is remembered, bounded by count, so that verify() of it
// costs a hash and a comparison.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "access/identity.h"
#include "base/clock.h"
#include "base/failure.h"

namespace iot::access {

enum class Errc {
  malformed = 1,      ///< Not a JWT of the form that we issue: unauthenticated by its looks. The message says what.
  bad_signature,      ///< Not signed by our key, or with another algorithm than RS256.
  wrong_kind,         ///< Its `aud` is another than asked for.
  expired,            ///< Its `exp` has passed, or its `nbf` has not come.
  revoked,            ///< The subject is gone or its key was rotated.
  wrong_password,     ///< User name or password are wrong (which of them is not told).
  too_many_attempts,  ///< Try again after the time that the message names.
  key_unusable,       ///< The key file cannot be read, is no RSA key of at least 2048 bits, or others may read it.
  not_ready,          ///< The key is still being made (first start). Try again in a moment.
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "access";
}

/// The pair of keys that signs and verifies. Immutable.
class SigningKey {
 public:
  ~SigningKey();
  /// Reads a PEM private key. Errc::key_unusable if its mode lets others read it.
  static Result<std::shared_ptr<const SigningKey>> load(const std::filesystem::path& file);
  /// Makes a 4096-bit key and writes it with mode 0600, complete or not at all. Takes about a second.
  static Result<std::shared_ptr<const SigningKey>> create(const std::filesystem::path& file, unsigned bits = 4096);

  /// RFC 7638 thumbprint: the `kid` of tokens and of the JWK.
  const std::string& key_id() const noexcept;
  /// RFC 7517 set with the public key.
  const std::string& jwks_json() const noexcept;

  struct State;
  const State& state() const noexcept { return *state_; }

 private:
  explicit SigningKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct TokenOptions {
  std::string issuer = "iotplatform";
  /// Verified tokens remembered; the least recently used goes. About 200 bytes each, plus the token's own length.
  std::size_t cache_entries_max = 65'536;
  /// Longer tokens are refused as malformed.
  std::size_t token_bytes_max = 4'096;
  /// Tolerated difference of clocks for exp, nbf and iat.
  std::chrono::seconds leeway{5};
  /// Whether a token without `kid` or `aud`, as the original platform issued them, is taken (as a device's or
  /// consumer's, whichever is asked for, with key version 0).
  bool accept_legacy = false;
};

/// Thread-safe.
class Tokens {
 public:
  /// `clock` must outlive the object.
  Tokens(TokenOptions options, const Clock& clock);
  ~Tokens();

  /// Sets the key, once; until then verify() and issue() answer Errc::not_ready.
  void set_key(std::shared_ptr<const SigningKey> key);
  bool has_key() const noexcept;
  /// Waits for the key to be set, at a first start; false if that did not happen in time. Blocks.
  bool wait_for_key(std::chrono::milliseconds at_most) const;
  /// The empty set while there is no key.
  std::string jwks_json() const;

  /// A token for the subject; without `lifetime` it does not expire.
  Result<std::string> issue(const Identity& identity, std::optional<std::chrono::seconds> lifetime) const;

  /// What the token says, if it is ours, of the kind asked for, and valid now. May be called on a strand: RSA-4096
  /// verification of a token seen for the first time takes about 0.1 ms.
  Result<Identity> verify(std::string_view token, Audience audience) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The token of an `Authorization: Bearer <token>` header's value: scheme in any case, one or more blanks, and a token
/// that is not empty; nothing if it is of another form.
std::optional<std::string_view> bearer_token(std::string_view header_value) noexcept;

}  // namespace iot::access

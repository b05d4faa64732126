#include "access/tokens.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include <jwt.h>
#include <sodium.h>

#include "access/base64url.h"
#include "access/claims.h"
#include "access/compact_token.h"
#include "access/signing_key_state.h"
#include "access/token_cache.h"

namespace iot::access {
namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

struct JwtDeleter {
  void operator()(jwt_t* token) const noexcept { jwt_free(token); }
};
/// libjwt takes a text's memory from malloc.
struct JwtTextDeleter {
  void operator()(char* text) const noexcept { std::free(text); }
};

/// 128 random bits: no two tokens are the same, so that one can be told from the next in a log or a list.
std::string random_token_id() {
  std::string bytes(16, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return encode_base64url(bytes);
}

/// `time` by `seconds` later, at most the end of time.
std::int64_t later(Timestamp time, std::chrono::seconds duration) noexcept {
  const std::int64_t seconds = std::max<std::int64_t>(time.ns, 0) / ns_per_s;
  return seconds + std::min<std::int64_t>(duration.count(), numeric_date_max - seconds);
}

Result<void> check_times(const Claims& claims, Timestamp now, std::chrono::seconds leeway) {
  // In nanoseconds the sums cannot overflow: claims end in 2262 with a second to spare, so the leeway is taken from
  // now.
  const std::int64_t leeway_ns = leeway.count() * ns_per_s;
  if (claims.identity.expires && now.ns - leeway_ns >= claims.identity.expires->ns) {
    return make_error(Errc::expired, "the token has expired");
  }
  const auto lies_ahead = [&](const std::optional<Timestamp>& time) { return time && time->ns - leeway_ns > now.ns; };
  if (lies_ahead(claims.not_before)) return make_error(Errc::expired, "the token is not valid yet");
  if (lies_ahead(claims.issued)) return make_error(Errc::expired, "the token was issued in the future");
  return {};
}

Result<Identity> as_kind(const Claims& claims, Audience audience) {
  Identity identity = claims.identity;
  // A legacy token is a device's or a consumer's: those were handed out to be kept, a user just signs in again.
  const bool is_legacy = identity.key_version == 0;
  const bool fits =
      (!claims.has_audience || identity.audience == audience) && !(is_legacy && audience == Audience::user);
  if (!fits) return make_error(Errc::wrong_kind, "the token is not a " + std::string(to_string(audience)) + "'s");
  identity.audience = audience;
  return identity;
}

}  // namespace

struct Tokens::State {
  State(TokenOptions its_options, const Clock& its_clock)
      : options(std::move(its_options)), clock(its_clock), cache(options.cache_entries_max) {}

  /// Everything but the cache: the form, whose key, the signature, the claims.
  Result<Claims> examine(std::string_view token, const SigningKey& signing_key) const {
    if (token.size() > options.token_bytes_max) return make_error(Errc::malformed, "the token is too long");
    IOT_TRY(const CompactToken parts, parse_compact(token));
    const auto* key_id = parts.header.if_contains("kid");
    if (key_id && !(key_id->is_string() && key_id->get_string() == signing_key.key_id())) {
      return make_error(Errc::bad_signature, "the token is signed with a key that is not ours");
    }
    if (!key_id && !options.accept_legacy) return make_error(Errc::malformed, "the token names no key (kid)");
    if (!rs256_matches(signing_key.state().key.get(), parts.signing_input, parts.signature)) {
      return make_error(Errc::bad_signature, "the token's signature does not match");
    }
    auto claims = parse_claims(parts.payload, options.issuer, key_id ? ClaimForm::ours : ClaimForm::legacy);
    if (!claims && key_id && options.accept_legacy) {
      auto legacy = parse_claims(parts.payload, options.issuer, ClaimForm::legacy);
      if (legacy && !legacy->has_audience) return legacy;
    }
    return claims;
  }

  const TokenOptions options;
  const Clock& clock;
  std::shared_ptr<const SigningKey> owned_key;
  std::atomic<const SigningKey*> key{nullptr};
  std::mutex key_mutex;
  std::condition_variable key_set;
  mutable TokenCache cache;
};

Tokens::Tokens(TokenOptions options, const Clock& clock) : state_(std::make_unique<State>(std::move(options), clock)) {
  [[maybe_unused]] const int ready = sodium_init();
  assert(ready >= 0);
}

Tokens::~Tokens() = default;

void Tokens::set_key(std::shared_ptr<const SigningKey> key) {
  assert(key && !state_->owned_key);
  state_->owned_key = std::move(key);
  {
    const std::scoped_lock lock(state_->key_mutex);
    state_->key.store(state_->owned_key.get(), std::memory_order_release);
  }
  state_->key_set.notify_all();
}

bool Tokens::wait_for_key(std::chrono::milliseconds at_most) const {
  if (has_key()) return true;
  std::unique_lock lock(state_->key_mutex);
  return state_->key_set.wait_for(lock, at_most, [&] { return has_key(); });
}

bool Tokens::has_key() const noexcept {
  return state_->key.load(std::memory_order_acquire) != nullptr;
}

std::string Tokens::jwks_json() const {
  const SigningKey* key = state_->key.load(std::memory_order_acquire);
  return key ? key->jwks_json() : R"({"keys":[]})";
}

Result<std::string> Tokens::issue(const Identity& identity, std::optional<std::chrono::seconds> lifetime) const {
  const SigningKey* key = state_->key.load(std::memory_order_acquire);
  if (!key) return make_error(Errc::not_ready, "the signing key is still being made; try again in a moment");
  const auto failed = [] { return make_error(Errc::key_unusable, "the token could not be signed"); };
  jwt_t* made = nullptr;
  if (jwt_new(&made) != 0) return failed();
  const std::unique_ptr<jwt_t, JwtDeleter> token(made);
  const Timestamp now = state_->clock.now();
  const std::string& pem = key->state().pem;
  const std::string subject = std::to_string(identity.subject);
  const std::string token_id = random_token_id();
  const std::string audience(to_string(identity.audience));
  bool good = jwt_set_alg(made, JWT_ALG_RS256, reinterpret_cast<const unsigned char*>(pem.data()),
                          static_cast<int>(pem.size())) == 0 &&
              jwt_add_header(made, "kid", key->key_id().c_str()) == 0 &&
              jwt_add_grant(made, "iss", state_->options.issuer.c_str()) == 0 &&
              jwt_add_grant(made, "sub", subject.c_str()) == 0 && jwt_add_grant(made, "aud", audience.c_str()) == 0 &&
              jwt_add_grant(made, "jti", token_id.c_str()) == 0 &&
              jwt_add_grant_int(made, "iat", later(now, std::chrono::seconds(0))) == 0 &&
              jwt_add_grant_int(made, "ver", static_cast<long>(identity.key_version)) == 0;
  if (lifetime) good = good && jwt_add_grant_int(made, "exp", later(now, *lifetime)) == 0;
  if (!good) return failed();
  const std::unique_ptr<char, JwtTextDeleter> text(jwt_encode_str(made));
  if (!text) return failed();
  return std::string(text.get());
}

Result<Identity> Tokens::verify(std::string_view token, Audience audience) const {
  State& state = *state_;
  const Timestamp now = state.clock.now();
  if (const auto known = state.cache.find(token)) {
    if (const auto valid = check_times(*known, now, state.options.leeway); !valid) {
      state.cache.erase(token);
      return valid.error();
    }
    return as_kind(*known, audience);
  }
  const SigningKey* key = state.key.load(std::memory_order_acquire);
  if (!key) return make_error(Errc::not_ready, "the signing key is still being made; try again in a moment");
  IOT_TRY(const Claims claims, state.examine(token, *key));
  IOT_CHECK(check_times(claims, now, state.options.leeway));
  state.cache.insert(token, claims);
  return as_kind(claims, audience);
}

namespace {

constexpr std::array<std::uint8_t, 256> token_characters = [] {
  std::array<std::uint8_t, 256> allowed{};
  for (int letter = 0; letter < 26; ++letter) allowed['a' + letter] = allowed['A' + letter] = 1;
  for (int digit = 0; digit < 10; ++digit) allowed['0' + digit] = 1;
  for (const char other : std::string_view("-._~+/=")) allowed[static_cast<unsigned char>(other)] = 1;
  return allowed;
}();

}  // namespace

std::optional<std::string_view> bearer_token(std::string_view header_value) noexcept {
  constexpr std::string_view scheme = "bearer";
  if (header_value.size() <= scheme.size()) return {};
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char letter = header_value[i];
    if ((letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter) != scheme[i]) return {};
  }
  std::string_view token = header_value.substr(scheme.size());
  const std::size_t start = token.find_first_not_of(' ');
  if (start == 0 || start == token.npos) return {};
  token.remove_prefix(start);
  while (token.ends_with(' ') || token.ends_with('\t')) token.remove_suffix(1);
  // RFC 6750 section 2.1: b64token. A blank inside would be a second part of which nothing is known. Without a branch
  // for each of a token's thousand bytes: this is done for every request.
  unsigned is_token = 1;
  for (const char each : token) is_token &= token_characters[static_cast<unsigned char>(each)];
  if (!is_token) return {};
  return token;
}

}  // namespace iot::access

#include <algorithm>
#include <array>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include <sodium.h>

#include "access/passwords.h"
#include "base/bytes.h"

namespace iot::access {
namespace {

/// User names come from outside and may be long: a digest of 128 bits, keyed so that nobody can make two meet.
using Key = std::array<unsigned char, crypto_generichash_BYTES_MIN>;

struct KeyHash {
  std::size_t operator()(const Key& key) const noexcept {
    return load_little<std::size_t>(reinterpret_cast<const char*>(key.data()));
  }
};

/// Room for `attempts_max` tokens of which one comes back each `attempt_every`.
struct Bucket {
  Key key;
  double tokens;
  Clock::Steady filled;
};

}  // namespace

struct SignInLimiter::State {
  State(SignInLimits its_limits, const Clock& its_clock) : limits(its_limits), clock(its_clock) {
    crypto_generichash_keygen(secret.data());
  }

  Key key_of(char kind, std::string_view name) const {
    Key key;
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, secret.data(), secret.size(), key.size());
    crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(&kind), 1);
    crypto_generichash_update(&hash, reinterpret_cast<const unsigned char*>(name.data()), name.size());
    crypto_generichash_final(&hash, key.data(), key.size());
    return key;
  }

  double tokens_at(const Bucket& bucket, Clock::Steady now) const {
    const double back = std::chrono::duration<double>(now - bucket.filled) / limits.attempt_every;
    return std::min<double>(limits.attempts_max, bucket.tokens + back);
  }

  std::chrono::seconds wait_for(const Key& key) const {
    const auto found = by_key.find(key);
    if (found == by_key.end()) return {};
    const double tokens = tokens_at(*found->second, clock.steady_now());
    if (tokens >= 1) return {};
    return std::chrono::ceil<std::chrono::seconds>((1 - tokens) * std::chrono::duration<double>(limits.attempt_every));
  }

  void take(const Key& key) {
    const auto now = clock.steady_now();
    const auto found = by_key.find(key);
    if (found == by_key.end()) {
      if (by_key.size() >= limits.entries_max) {
        by_key.erase(by_use.back().key);
        by_use.pop_back();
      }
      by_use.push_front({key, static_cast<double>(limits.attempts_max) - 1, now});
      by_key.emplace(key, by_use.begin());
      return;
    }
    Bucket& bucket = *found->second;
    bucket.tokens = std::max(0.0, tokens_at(bucket, now) - 1);
    bucket.filled = now;
    by_use.splice(by_use.begin(), by_use, found->second);
  }

  void give_back(const Key& key, double tokens) {
    const auto found = by_key.find(key);
    if (found == by_key.end()) return;
    const auto now = clock.steady_now();
    Bucket& bucket = *found->second;
    bucket.tokens = std::min<double>(limits.attempts_max, tokens_at(bucket, now) + tokens);
    bucket.filled = now;
    if (bucket.tokens < limits.attempts_max) return;
    // A full bucket says nothing that an absent one does not.
    by_use.erase(found->second);
    by_key.erase(found);
  }

  const SignInLimits limits;
  const Clock& clock;
  std::array<unsigned char, crypto_generichash_KEYBYTES> secret;
  std::mutex mutex;
  std::list<Bucket> by_use;  ///< the latest attempt first
  std::unordered_map<Key, std::list<Bucket>::iterator, KeyHash> by_key;
};

SignInLimiter::SignInLimiter(SignInLimits limits, const Clock& clock)
    : state_(std::make_unique<State>(limits, clock)) {}
SignInLimiter::~SignInLimiter() = default;

std::chrono::seconds SignInLimiter::wait_for(std::string_view username, std::string_view address) const {
  const Key user_key = state_->key_of('u', username);
  const Key address_key = state_->key_of('a', address);
  const std::scoped_lock lock(state_->mutex);
  return std::max(state_->wait_for(user_key), state_->wait_for(address_key));
}

void SignInLimiter::failed(std::string_view username, std::string_view address) {
  const Key user_key = state_->key_of('u', username);
  const Key address_key = state_->key_of('a', address);
  const std::scoped_lock lock(state_->mutex);
  state_->take(user_key);
  state_->take(address_key);
}

void SignInLimiter::succeeded(std::string_view username, std::string_view address) {
  const Key user_key = state_->key_of('u', username);
  const Key address_key = state_->key_of('a', address);
  const std::scoped_lock lock(state_->mutex);
  state_->give_back(user_key, state_->limits.attempts_max);
  state_->give_back(address_key, 1);
}

}  // namespace iot::access

// Passwords: argon2id by libsodium, and the brake on guessing them.
//
// hash() and verify() take tens of milliseconds and tens of MiB on purpose: call them through net's offload.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "access/tokens.h"
#include "base/clock.h"
#include "base/failure.h"

namespace iot::access {

struct PasswordOptions {
  std::size_t memory_bytes = 64u << 20;
  unsigned passes = 2;
};

class Passwords {
 public:
  explicit Passwords(PasswordOptions options = {});

  /// libsodium's text form, with salt and parameters. Throws std::bad_alloc where its memory is not to be had.
  std::string hash(std::string_view password) const;
  /// In the same time for a wrong password and, with an empty `hash`, for a user that does not exist.
  bool verify(std::string_view password, std::string_view hash) const;
  /// A random password of 20 letters and digits (119 bits).
  static std::string generate();

 private:
  PasswordOptions options_;
  /// What an unknown user's password is compared with.
  std::string nobody_;
};

struct SignInLimits {
  /// Failed attempts allowed at once for a user name and for an address, and how fast they come back.
  unsigned attempts_max = 10;
  std::chrono::seconds attempt_every{6};
  /// User names and addresses remembered. The stalest goes first.
  std::size_t entries_max = 100'000;
};

/// Counts failed sign-ins per user name and per address in token buckets. Thread-safe.
///
/// Attempts made at the same time would all pass before the first has failed. So count an attempt as failed() before
/// the password is looked at, and take that back with succeeded().
class SignInLimiter {
 public:
  SignInLimiter(SignInLimits limits, const Clock& clock);
  ~SignInLimiter();

  /// Zero if an attempt may be made now, else how long to wait.
  std::chrono::seconds wait_for(std::string_view username, std::string_view address) const;
  void failed(std::string_view username, std::string_view address);
  /// Forgets the user name's failures and gives the address one attempt back: an attacker with a user of his own cannot
  /// wash his address clean.
  void succeeded(std::string_view username, std::string_view address);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace iot::access

// Keys and hand-made tokens for tests.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "access/tokens.h"

namespace iot::access::testing {

/// A directory that is removed with all in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// A 2048-bit key, made once in a process: quick, and of no use to anybody afterwards.
std::shared_ptr<const SigningKey> test_key();
/// Another one.
std::shared_ptr<const SigningKey> other_test_key();

/// The compact token of these two texts, signed by the key with RS256, whatever they say.
std::string sign(const SigningKey& key, std::string_view header, std::string_view payload);
/// The key's public half in PEM, with which an attacker would sign HS256.
std::string public_pem(const SigningKey& key);
/// The compact token of these two texts with HMAC-SHA256 by `secret`.
std::string sign_hs256(std::string_view secret, std::string_view header, std::string_view payload);

}  // namespace iot::access::testing

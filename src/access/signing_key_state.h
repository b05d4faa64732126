// What is inside a SigningKey. Internal to access/.
#pragma once

#include <string>

#include <openssl/crypto.h>

#include "access/rsa_key.h"
#include "access/tokens.h"

namespace iot::access {

struct SigningKey::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { OPENSSL_cleanse(pem.data(), pem.size()); }

  /// The private key as libjwt wants it.
  std::string pem;
  KeyPtr key;
  std::string key_id;
  std::string jwks_json;
};

}  // namespace iot::access

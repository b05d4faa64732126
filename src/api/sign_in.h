// Signing in with user name and password: what is the same for those who keep the token and those who get a cookie.
#pragma once

#include <string>

#include "api/pages.h"
#include "api/request.h"

namespace iot::api {

struct SignedIn {
  model::User user;
  std::string token;
};

/// By the body's "username" and "password". Guessing is braked: 429 for a while after failed attempts.
boost::asio::awaitable<Checked<SignedIn>> sign_in(Request& request);

}  // namespace iot::api

// The platform's REST API as `iotplatform bench` needs it: blocking, one request after the other. Not for load.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "base/failure.h"
#include "bench/target.h"

namespace iot::bench {

class ApiClient {
 public:
  /// `url` is "http://127.0.0.1:8080". Errc::options for another form.
  static Result<ApiClient> at(std::string_view url);
  ApiClient(ApiClient&& other) noexcept;
  ApiClient(const ApiClient&) = delete;
  ~ApiClient();

  /// Requests carry the token from now on. A server that still makes its signing key is waited for.
  Result<void> sign_in(std::string_view user, std::string_view password);

  /// The answer's JSON. Errc::not_reached if there is none or it is not a success; the message holds what was said.
  Result<boost::json::value> call(std::string_view method, std::string_view path, std::string_view body = {});
  void set_token(std::string token) { token_ = std::move(token); }
  const std::string& token() const noexcept { return token_; }

 private:
  struct Answer {
    unsigned status = 0;
    std::string body = {};
    bool is_lost = false;  ///< the server had closed the connection before
  };

  explicit ApiClient(Target target) : target_(std::move(target)) {}
  Result<Answer> exchange(std::string_view request);
  Result<Answer> exchange_once(std::string_view request);
  Result<void> connect();
  void close() noexcept;

  Target target_;
  int socket_ = -1;
  std::string token_;
};

}  // namespace iot::bench

// How a request is refused: status and body in the API's error form. The one place where errors become answers.
//
//   {"name": "DeviceNotFound", "errors": [{"message": "Device not found", "field": "..."}]}
//
// Elasticsearch's error form is made by query/elasticsearch.h.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/failure.h"
#include "net/http.h"

namespace iot::api {

enum class Errc {
  not_signed_in = 1,   ///< No `Authorization: Bearer <token>` and no session. Sign in.
  not_allowed,         ///< The caller's role or ownership does not suffice.
  exception_escaped,   ///< A fault of ours; it is in the log.
  tree_too_large,      ///< More sensors than ApiOptions::tree_sensors_max. Page through them instead.
  cross_site_request,  ///< A page of another site uses a session's cookie.
};
ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "api";
}

struct Fault {
  std::string message;
  std::string field;  ///< the member, parameter or header at fault; empty where there is none
};

struct Refusal {
  unsigned status = 400;
  std::string name;  ///< "DeviceNotFound"
  std::vector<Fault> faults;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// Called by boost::system::result when a value is taken that is not there: our own mistake, so it is fatal.
[[noreturn]] void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where);

/// 400: the request is not what HTTP, JSON or its own form say.
Refusal malformed(std::string message, std::string field = {});
/// 422: it is well-formed and says something that cannot be.
Refusal invalid(std::vector<Fault> faults);
Refusal invalid(std::string message, std::string field);
/// 429 with Retry-After.
Refusal try_later(std::string message, std::chrono::seconds wait);
/// Of any module's error.
Refusal refusal_of(const Error& error);

/// net::http_status, but 422 for what is invalid.
unsigned status_of(Failure failure) noexcept;

/// "device_not_found" is "DeviceNotFound".
std::string camel_case(std::string_view snake_case);

/// What a handler gives back: a response, made of whatever it has.
class Answer {
 public:
  Answer(net::HttpResponse response) : response_(std::move(response)) {}  // NOLINT: made implicitly on purpose
  Answer(const Refusal& refusal);                                         // NOLINT
  Answer(const Error& error) : Answer(refusal_of(error)) {}               // NOLINT

  net::HttpResponse take() && { return std::move(response_); }

 private:
  net::HttpResponse response_;
};

/// 200 with a JSON body.
net::HttpResponse json_response(std::string body);

}  // namespace iot::api

#include "api/refusal.h"

#include "base/json_writer.h"
#include "registry/registry.h"

namespace iot::api {

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::not_signed_in:
      return {"unauthorized", Failure::unauthenticated};
    case Errc::not_allowed:
      return {"forbidden", Failure::forbidden};
    case Errc::exception_escaped:
      return {"internal_error", Failure::internal};
    case Errc::tree_too_large:
      return {"tree_too_large", Failure::too_large};
    case Errc::cross_site_request:
      return {"cross_site_request", Failure::forbidden};
  }
  return {"unknown", Failure::internal};
}

void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where) {
  iot::throw_exception_from_error(Error{{}, refusal.name}, where);
}

unsigned status_of(Failure failure) noexcept {
  // What cannot be parsed at all is 400, and never comes as an Error (malformed()): this one could be read.
  return failure == Failure::invalid ? 422 : net::http_status(failure);
}

std::string camel_case(std::string_view snake_case) {
  std::string name;
  bool starts_word = true;
  for (const char each : snake_case) {
    if (each == '_') {
      starts_word = true;
      continue;
    }
    name += starts_word && each >= 'a' && each <= 'z' ? static_cast<char>(each - 'a' + 'A') : each;
    starts_word = false;
  }
  return name;
}

Refusal malformed(std::string message, std::string field) {
  return {400, "MalformedRequest", {{std::move(message), std::move(field)}}};
}

Refusal invalid(std::vector<Fault> faults) {
  return {422, "ValidationError", std::move(faults)};
}
Refusal invalid(std::string message, std::string field) {
  return invalid(std::vector<Fault>{{std::move(message), std::move(field)}});
}

Refusal try_later(std::string message, std::chrono::seconds wait) {
  return {429, "TooManyRequests", {{std::move(message), {}}}, {{"Retry-After", std::to_string(wait.count())}}};
}

Refusal refusal_of(const Error& error) {
  const Failure failure = failure_of(error);
  Refusal refusal{status_of(failure), camel_case(error.code.message()), {{error.message, error.field}}};
  // The original's words, which its clients show.
  if (is(error, registry::Errc::user_not_found)) refusal.faults[0].message = "User not found";
  if (is(error, registry::Errc::device_not_found)) refusal.faults[0].message = "Device not found";
  if (is(error, registry::Errc::sensor_not_found)) refusal.faults[0].message = "Sensor not found";
  if (is(error, registry::Errc::consumer_not_found)) refusal.faults[0].message = "Consumer not found";
  if (is(error, registry::Errc::command_not_found)) refusal.faults[0].message = "Command not found";
  if (is(error, registry::Errc::dashboard_not_found)) refusal.faults[0].message = "Dashboard not found";
  if (is(error, registry::Errc::certificate_not_found)) refusal.faults[0].message = "Certificate not found";
  if (refusal.status == 401) refusal.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"iotplatform\"");
  if (refusal.status == 429 || refusal.status == 503) refusal.headers.emplace_back("Retry-After", "1");
  return refusal;
}

Answer::Answer(const Refusal& refusal) {
  response_.status = refusal.status;
  response_.headers = refusal.headers;
  JsonWriter json(response_.body);
  json.begin_object().key("name").string(refusal.name).key("errors").begin_array();
  for (const Fault& fault : refusal.faults) {
    json.begin_object().key("message").string(fault.message);
    if (!fault.field.empty()) json.key("field").string(fault.field);
    json.end_object();
  }
  json.end_array().end_object();
}

net::HttpResponse json_response(std::string body) {
  net::HttpResponse response;
  response.body = std::move(body);
  return response;
}

}  // namespace iot::api

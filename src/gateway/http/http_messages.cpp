#include "gateway/http/http_messages.h"

#include <algorithm>

#include "base/json_writer.h"

namespace iot::gateway {

net::HttpResponse accepted(std::size_t readings) {
  net::HttpResponse response;
  JsonWriter(response.body).begin_object().key("accepted").unsigned_integer(readings).end_object();
  return response;
}

net::HttpResponse error_response(unsigned status, std::string_view name, std::string_view message) {
  net::HttpResponse response;
  response.status = status;
  JsonWriter json(response.body);
  json.begin_object().key("name").string(name).key("errors").begin_array();
  json.begin_object().key("message").string(message).end_object().end_array().end_object();
  return response;
}

net::HttpResponse faults_response(const std::vector<ingest::Fault>& faults) {
  const bool too_many = std::any_of(faults.begin(), faults.end(), [](const ingest::Fault& fault) {
    return fault.kind == ingest::Fault::Kind::too_many;
  });
  net::HttpResponse response;
  response.status = too_many ? 413 : 400;
  ingest::append_faults_json(response.body, faults);
  return response;
}

net::HttpResponse failure_response(const Error& error, std::chrono::seconds retry_after) {
  const unsigned status = net::http_status(failure_of(error));
  // Of what is broken inside, devices need to know no more than that they should try again.
  if (status == 500 || status == 504) {
    net::HttpResponse response =
        error_response(503, "Unavailable", "the readings could not be stored; send them again");
    add_retry_after(response, retry_after);
    return response;
  }
  net::HttpResponse response = error_response(status, status == 413 ? "TooLarge" : "Unavailable", error.message);
  if (status == 503 || status == 429) add_retry_after(response, retry_after);
  return response;
}

net::HttpResponse refused_response(unsigned status, std::string_view reason) {
  switch (status) {
    case 408:
      return error_response(status, "RequestTimeout", reason);
    case 411:
      return error_response(status, "LengthRequired", reason);
    case 413:
      return error_response(status, "TooLarge", reason);
    case 415:
      return error_response(status, "UnsupportedMediaType", reason);
    case 503: {
      net::HttpResponse response = error_response(status, "Unavailable", reason);
      add_retry_after(response, std::chrono::seconds(1));
      return response;
    }
    default:
      return error_response(status, "BadRequest", reason);
  }
}

net::HttpResponse upgrade_required(std::string_view reason) {
  net::HttpResponse response = error_response(426, "UpgradeRequired", reason);
  response.headers.emplace_back("Upgrade", "websocket");
  response.headers.emplace_back("Connection", "Upgrade");
  response.headers.emplace_back("Sec-WebSocket-Version", "13");
  return response;
}

void add_retry_after(net::HttpResponse& response, std::chrono::seconds retry_after) {
  response.headers.emplace_back("Retry-After", std::to_string(retry_after.count()));
}

}  // namespace iot::gateway

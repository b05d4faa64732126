// The HTTP gateway's answers.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "base/failure.h"
#include "ingest/ingestor.h"
#include "net/http.h"

namespace iot::gateway {

/// The answer to one stored reading, which nearly all answers are.
inline constexpr std::string_view accepted_one =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"accepted\":1}";

net::HttpResponse accepted(std::size_t readings);

/// {"name":"...","errors":[{"message":"..."}]}
net::HttpResponse error_response(unsigned status, std::string_view name, std::string_view message);
/// 400, or 413 if there were too many readings.
net::HttpResponse faults_response(const std::vector<ingest::Fault>& faults);
/// What became of readings that the event log did not take, by the error's group.
net::HttpResponse failure_response(const Error& error, std::chrono::seconds retry_after);
/// What the HTTP server refused by itself.
net::HttpResponse refused_response(unsigned status, std::string_view reason);
/// 426 to who does not ask for a WebSocket, or for one of another version than 13 (RFC 6455 section 4.4).
net::HttpResponse upgrade_required(std::string_view reason);

void add_retry_after(net::HttpResponse& response, std::chrono::seconds retry_after);

}  // namespace iot::gateway

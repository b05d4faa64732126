#include "bench/api_client.h"

#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/errc.h"
#include "bench/http_answer.h"

namespace iot::bench {
namespace {

namespace json = boost::json;

constexpr timeval answer_deadline{60, 0};

}  // namespace

Result<ApiClient> ApiClient::at(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return make_error(Errc::options, std::string(url) + " does not begin with http://");
  url.remove_prefix(scheme.size());
  while (url.ends_with('/')) url.remove_suffix(1);
  IOT_TRY(auto target, parse_target(url));
  return ApiClient(std::move(target));
}

ApiClient::ApiClient(ApiClient&& other) noexcept
    : target_(std::move(other.target_)), socket_(std::exchange(other.socket_, -1)), token_(std::move(other.token_)) {}

ApiClient::~ApiClient() {
  close();
}

void ApiClient::close() noexcept {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

Result<void> ApiClient::connect() {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = target_.host;
  address.sin_port = target_.port;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &answer_deadline, sizeof answer_deadline);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return {};
  const int error = errno;
  close();
  return system_error(error, "connecting to " + target_.text);
}

Result<ApiClient::Answer> ApiClient::exchange_once(std::string_view request) {
  if (socket_ < 0) IOT_CHECK(connect());
  while (!request.empty()) {
    const auto count = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
    if (count < 0) return Answer{.is_lost = true};
    request.remove_prefix(static_cast<std::size_t>(count));
  }
  std::string received;
  std::array<char, 16384> space;
  while (true) {
    const auto count = ::recv(socket_, space.data(), space.size(), 0);
    if (count <= 0) return Answer{.is_lost = true};
    received.append(space.data(), static_cast<std::size_t>(count));
    const auto answer = read_answer(received);
    if (!answer) continue;
    Answer whole{answer->status, std::string(answer->body)};
    if (answer->closes) close();
    return whole;
  }
}

Result<ApiClient::Answer> ApiClient::exchange(std::string_view request) {
  const bool was_idle = socket_ >= 0;
  IOT_TRY(auto answer, exchange_once(request));
  if (answer.is_lost && was_idle) {
    // It may have been closed while nothing was asked.
    close();
    IOT_TRY(answer, exchange_once(request));
  }
  if (answer.is_lost) {
    close();
    return make_error(Errc::not_reached, target_.text + " closed the connection without an answer");
  }
  return answer;
}

Result<json::value> ApiClient::call(std::string_view method, std::string_view path, std::string_view body) {
  std::string request = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: " + target_.text + "\r\n";
  if (!token_.empty()) request += "Authorization: Bearer " + token_ + "\r\n";
  if (method != "GET") {
    request += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  request += "\r\n";
  request += body;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (true) {
    IOT_TRY(const auto answer, exchange(request));
    // The first start of a platform makes its key, and a busy one asks for patience.
    if ((answer.status == 503 || answer.status == 429) && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    if (answer.status < 200 || answer.status >= 300) {
      return make_error(Errc::not_reached, std::string(method) + " " + target_.text + std::string(path) + ": HTTP " +
                                               std::to_string(answer.status) + " " + answer.body.substr(0, 300));
    }
    boost::system::error_code error;
    auto value = answer.body.empty() ? json::value() : json::parse(answer.body, error);
    if (error) return make_error(Errc::not_reached, target_.text + std::string(path) + " did not answer with JSON");
    return value;
  }
}

Result<void> ApiClient::sign_in(std::string_view user, std::string_view password) {
  const json::object credentials{{"username", user}, {"password", password}};
  IOT_TRY(const auto answer, call("POST", "/api/users/signin", json::serialize(credentials)));
  const auto* token = answer.is_object() ? answer.as_object().if_contains("token") : nullptr;
  if (!token || !token->is_string()) return make_error(Errc::not_reached, "the sign-in gave no token");
  token_ = std::string(token->as_string());
  return {};
}

}  // namespace iot::bench

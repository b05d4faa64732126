#include "net/raw_client.h"

#include <charconv>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace iot::net {

namespace {

/// Far above what a loaded machine takes, so that a test that waits in vain fails instead of hanging.
constexpr int wait_ms_max = 20'000;

}  // namespace

RawClient::RawClient(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error("cannot connect to " + address);
  }
  const int no_delay = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
}

RawClient::~RawClient() {
  ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void RawClient::finish_sending() {
  ::shutdown(socket_, SHUT_WR);
}

void RawClient::reset() {
  const linger hard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(socket_);
  socket_ = -1;
}

bool RawClient::read_more() {
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, wait_ms_max) <= 0) throw std::runtime_error("the server does not answer");
  char bytes[65'536];
  const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  received_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string RawClient::read_response(bool head_only) {
  std::size_t header_end = 0;
  while ((header_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return std::exchange(received_, {});
  }
  std::size_t size = header_end + 4;
  const std::size_t length = received_.find("Content-Length: ");
  if (!head_only && length < header_end) size += std::stoul(received_.substr(length + 16));
  while (received_.size() < size) {
    if (!read_more()) return std::exchange(received_, {});
  }
  std::string response = received_.substr(0, size);
  received_.erase(0, size);
  return response;
}

std::string RawClient::read_some() {
  if (received_.empty()) read_more();
  return std::exchange(received_, {});
}

std::string RawClient::read_bytes(std::size_t count) {
  while (received_.size() < count) {
    if (!read_more()) return std::exchange(received_, {});
  }
  std::string bytes = received_.substr(0, count);
  received_.erase(0, count);
  return bytes;
}

std::string RawClient::read_all() {
  while (read_more()) {
  }
  return std::exchange(received_, {});
}

bool RawClient::is_silent_for(std::chrono::milliseconds duration) {
  pollfd waiting{socket_, POLLIN, 0};
  return received_.empty() && ::poll(&waiting, 1, static_cast<int>(duration.count())) == 0;
}

int status_of(std::string_view response) {
  int status = 0;
  if (response.size() > 12) std::from_chars(response.data() + 9, response.data() + 12, status);
  return status;
}

std::string_view body_of(std::string_view response) {
  const std::size_t header_end = response.find("\r\n\r\n");
  return header_end == std::string_view::npos ? std::string_view() : response.substr(header_end + 4);
}

}  // namespace iot::net

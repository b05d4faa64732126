#include "bench/connection.h"

#include <array>
#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace iot::bench {
namespace {

// All connections of a thread read into the same space, one after the other.
constexpr std::size_t receive_bytes = 256 * 1024;

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = host;
  address.sin_port = port;
  return address;
}

}  // namespace

Connection::Connection(Connection&& other) noexcept
    : dialogue_(std::move(other.dialogue_)),
      socket_(std::exchange(other.socket_, -1)),
      state_(other.state_),
      out_(std::move(other.out_)),
      sent_(other.sent_),
      rest_(std::move(other.rest_)) {}

int Connection::connect(const Target& target) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return errno;
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (target.source != 0) {
    // The port is then chosen together with the destination's, and not out of those that no other source has.
    ::setsockopt(socket_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const auto source = address_of(target.source, 0);
    if (::bind(socket_, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) return errno;
  }
  const auto address = address_of(target.host, target.port);
  state_ = State::connecting;
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS) {
    return errno;
  }
  return 0;
}

int Connection::begin_dialogue() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return error;
  out_.clear();
  rest_.clear();
  sent_ = 0;
  state_ = dialogue_->open(out_) ? State::open : State::opening;
  return 0;
}

void Connection::close() noexcept {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  state_ = State::idle;
}

bool Connection::flush() {
  while (has_unsent()) {
    const auto count = ::send(socket_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    sent_ += static_cast<std::size_t>(count);
  }
  out_.clear();
  sent_ = 0;
  return true;
}

bool Connection::receive(bool until_end, DialogueEvents& events) {
  thread_local const auto space = std::make_unique<std::array<char, receive_bytes>>();
  while (true) {
    const auto count = ::recv(socket_, space->data(), space->size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    if (count <= 0) return false;
    take({space->data(), static_cast<std::size_t>(count)}, events);
    if (state_ == State::failed) return false;
    // What comes after this is told by the next event.
    if (static_cast<std::size_t>(count) < space->size() && !until_end) return true;
  }
}

void Connection::take(std::string_view received, DialogueEvents& events) {
  if (!rest_.empty()) {
    rest_ += received;
    rest_.erase(0, dialogue_->take(rest_, out_, events));
    return;
  }
  received.remove_prefix(dialogue_->take(received, out_, events));
  rest_ = received;
}

}  // namespace iot::bench

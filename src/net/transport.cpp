#include "net/transport.h"

#include <cerrno>

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace iot::net {

namespace {

IoOutcome outcome_of_errno() noexcept {
  return {errno == EAGAIN || errno == EWOULDBLOCK ? IoOutcome::Kind::would_block : IoOutcome::Kind::failed, 0};
}

iovec to_iovec(std::string_view bytes) noexcept {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

}  // namespace

PlainTransport::~PlainTransport() {
  if (socket_ >= 0) ::close(socket_);
}

IoOutcome PlainTransport::receive(std::span<char> space) {
  for (;;) {
    const ssize_t count = ::recv(socket_, space.data(), space.size(), 0);
    if (count > 0) {
      const auto bytes = static_cast<std::size_t>(count);
      // A short read has emptied the socket.
      return {IoOutcome::Kind::done, bytes, bytes < space.size()};
    }
    if (count == 0) return {IoOutcome::Kind::closed, 0};
    if (errno != EINTR) return outcome_of_errno();
  }
}

IoOutcome PlainTransport::send(std::string_view first, std::string_view second) {
  for (;;) {
    ssize_t count = 0;
    if (second.empty()) {
      count = ::send(socket_, first.data(), first.size(), MSG_NOSIGNAL);
    } else {
      iovec parts[2] = {to_iovec(first), to_iovec(second)};
      msghdr message{};
      message.msg_iov = parts;
      message.msg_iovlen = 2;
      count = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
    }
    if (count >= 0) return {IoOutcome::Kind::done, static_cast<std::size_t>(count)};
    if (errno != EINTR) return outcome_of_errno();
  }
}

void PlainTransport::finish_sending() noexcept {
  ::shutdown(socket_, SHUT_WR);
}

}  // namespace iot::net

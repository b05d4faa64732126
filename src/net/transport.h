// A connection's bytes in and out, without waiting: the place where TLS slips in between a connection and its socket.
// Readiness comes from net/poller.h.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace iot::net {

struct IoOutcome {
  enum class Kind {
    done,
    would_block,  ///< Nothing now; the poller tells when.
    closed,       ///< The peer sends no more.
    failed,       ///< The connection is of no more use.
  };
  Kind kind = Kind::done;
  std::size_t bytes = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// The socket, for the poller. Closed with the transport.
  virtual int socket() const noexcept = 0;
  virtual IoOutcome receive(std::span<char> space) = 0;
  /// Sends of `first` and then `second` as much as goes now.
  virtual IoOutcome send(std::string_view first, std::string_view second) = 0;
  /// Says that nothing more will be sent.
  virtual void finish_sending() noexcept = 0;
  /// Gives the socket away; the transport does not close it then.
  virtual int release() noexcept = 0;
};

/// A TCP socket as it is. Takes over a non-blocking socket.
class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int socket) noexcept : socket_(socket) {}
  PlainTransport(const PlainTransport&) = delete;
  ~PlainTransport() override;

  int socket() const noexcept override { return socket_; }
  IoOutcome receive(std::span<char> space) override;
  IoOutcome send(std::string_view first, std::string_view second) override;
  void finish_sending() noexcept override;
  int release() noexcept override;

 private:
  int socket_;
};

}  // namespace iot::net

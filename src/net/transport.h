// A connection's bytes in and out, without waiting: the place where TLS slips in between a connection and its socket.
// Readiness comes from net/poller.h.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "net/poller.h"

namespace iot::net {

struct IoOutcome {
  enum class Kind {
    done,
    would_block,  ///< Nothing now; the poller tells when.
    closed,       ///< The peer sends no more. It may still read.
    failed,       ///< The connection is of no more use.
  };
  Kind kind = Kind::done;
  std::size_t bytes = 0;
  /// Of a receive that is done: no more is there, and what comes later is told by the poller, so it need not be asked
  /// again. But the end of the stream, if the poller has told it already (Readiness::read_closed), is not told again:
  /// then go on until something else than done comes.
  bool drained = false;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// The socket, for the poller. Closed with the transport.
  virtual int socket() const noexcept = 0;
  /// What the socket's readiness means for the connection: over TLS a receive may wait until the socket takes more, and
  /// a send until something arrives. Each readiness that the poller tells goes through here, once.
  virtual Readiness readiness(Readiness of_socket) noexcept { return of_socket; }
  /// Into `space`, which is not empty. Done with at least one byte.
  virtual IoOutcome receive(std::span<char> space) = 0;
  /// Sends of `first` and then `second` as much as goes now. What did not go is offered again as it was, with whatever
  /// came behind it; it may have moved in memory.
  virtual IoOutcome send(std::string_view first, std::string_view second) = 0;
  /// Says that nothing more will be sent. What arrives can still be received.
  virtual void finish_sending() noexcept = 0;
  /// False while bytes of the connection's own protocol cannot pass, because TLS is still shaking hands (in the calls
  /// of receive()). A connection that waits for it limits that time as it limits the arrival of a first request.
  virtual bool established() const noexcept { return true; }
  /// SHA-256 of the peer's certificate (its DER form), 64 lowercase hexadecimal digits, whose key the peer has proved
  /// to hold; empty if it showed none. Valid from the first received byte on, as long as the transport.
  virtual std::string_view peer_certificate_sha256() const noexcept { return {}; }
  /// Memory of what has arrived and was not received from here yet, where that depends on the peer. Counts as the
  /// connection's own (ConnectionLoop::account). What TLS keeps of a record is the same for every connection, and is
  /// not counted.
  virtual std::size_t held_bytes() const noexcept { return 0; }
};

/// Makes a connection's transport: takes over the non-blocking socket, and closes it if that fails and nothing is
/// returned. Called on the connection's loop, so by several threads.
using MakeTransport = std::function<std::unique_ptr<Transport>(int socket)>;

/// A TCP socket as it is. Takes over a non-blocking socket.
class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int socket) noexcept : socket_(socket) {}
  PlainTransport(PlainTransport&& other) noexcept : socket_(other.release()) {}
  ~PlainTransport() override;

  int socket() const noexcept override { return socket_; }
  IoOutcome receive(std::span<char> space) override;
  IoOutcome send(std::string_view first, std::string_view second) override;
  void finish_sending() noexcept override;
  /// Gives the socket away; the transport does not close it then.
  int release() noexcept { return std::exchange(socket_, -1); }

 private:
  int socket_;
};

}  // namespace iot::net

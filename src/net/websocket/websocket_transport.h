// A transport that carries a protocol's bytes in the binary frames of a WebSocket, so that a connection made for TCP
// (MQTT's) runs over it unchanged (MQTT 5.0 section 6: bytes may be cut into messages anywhere).
//
// It answers pings and close frames by itself; asking a silent peer for a sign of life is left to the protocol inside.
#pragma once

#include <memory>
#include <string>

#include "net/read_buffer.h"
#include "net/transport.h"
#include "net/websocket/frames.h"

namespace iot::net {

class WebSocketTransport final : public Transport {
 public:
  /// Goes on with a connection that was taken over: sends `answer` (accept_offer, without compression) and reads
  /// `received` first. Longer messages than `message_bytes_max` fail with 1009.
  WebSocketTransport(std::unique_ptr<Transport> inner, std::string_view received, std::string answer,
                     std::size_t message_bytes_max);

  int socket() const noexcept override { return inner_->socket(); }
  Readiness readiness(Readiness of_socket) noexcept override;
  IoOutcome receive(std::span<char> space) override;
  IoOutcome send(std::string_view first, std::string_view second) override;
  void finish_sending() noexcept override;
  bool established() const noexcept override { return inner_->established(); }
  std::string_view peer_certificate_sha256() const noexcept override { return inner_->peer_certificate_sha256(); }

 private:
  /// Takes the next step of the reader; false if it needs more bytes or it is over.
  bool advance();
  void close(CloseCode code, std::string_view reason);
  /// Sends what is encoded already.
  IoOutcome flush();

  std::unique_ptr<Transport> inner_;
  WebSocketReader reader_;
  ReadBuffer input_;
  std::string_view message_;  ///< what is left of the present one, in the reader
  std::string output_;
  std::size_t sent_ = 0;    ///< of output_
  bool is_closed_ = false;  ///< our close frame is queued: nothing may follow it, and nothing is read any more
  bool finishes_ = false;
};

}  // namespace iot::net

// A transport that carries a protocol's bytes in the binary frames of a WebSocket, so that a connection made for TCP
// (MQTT's) runs over it unchanged (MQTT 5.0 section 6: bytes may be cut into messages anywhere).
//
// What frames carry is given on as it arrives: no message is gathered, so that a peer costs no more memory than over
// TCP. It answers pings and close frames by itself; asking a silent peer for a sign of life is left to the protocol
// inside.
#pragma once

#include <memory>
#include <string>

#include "net/transport.h"
#include "net/websocket/payload_stream.h"

namespace iot::net {

class WebSocketTransport final : public Transport {
 public:
  /// Goes on with a connection that was taken over: sends `answer` (accept_offer, without compression) and reads
  /// `received` first. Longer messages than `message_bytes_max` fail with 1009.
  WebSocketTransport(std::unique_ptr<Transport> inner, std::string_view received, std::string answer,
                     std::size_t message_bytes_max);

  int socket() const noexcept override { return inner_->socket(); }
  Readiness readiness(Readiness of_socket) noexcept override;
  /// A peer that sends frame upon frame without payload is closed with 1008, so that the call ends.
  IoOutcome receive(std::span<char> space) override;
  IoOutcome send(std::string_view first, std::string_view second) override;
  void finish_sending() noexcept override;
  bool established() const noexcept override { return inner_->established(); }
  std::string_view peer_certificate_sha256() const noexcept override { return inner_->peer_certificate_sha256(); }
  std::size_t held_bytes() const noexcept override { return inner_->held_bytes() + received_.size(); }

 private:
  /// Bytes of the wire: first those that came with the upgrade.
  IoOutcome receive_frames(std::span<char> space);
  /// Moves the payload in `bytes`, which came from the wire, to the front; returns how much it is.
  std::size_t take_payload(std::span<char> bytes);
  /// Something without payload has come.
  void note_fruitless();
  void answer_ping(std::string_view payload);
  void close(CloseCode code, std::string_view reason);
  std::size_t unsent_bytes() const noexcept { return output_.size() - sent_; }
  /// Sends what is encoded already.
  IoOutcome flush();

  std::unique_ptr<Transport> inner_;
  PayloadStream stream_;
  std::string received_;  ///< with the upgrade, and not looked at yet
  std::size_t received_taken_ = 0;
  std::string output_;
  std::string pong_;        ///< a frame that waits until output_ is sent; a newer one takes its place
  std::size_t sent_ = 0;    ///< of output_
  unsigned fruitless_ = 0;  ///< reads and frames without payload, for which payload has not made up
  bool is_closed_ = false;  ///< our close frame is queued: nothing may follow it, and nothing is read any more
  bool finishes_ = false;
};

}  // namespace iot::net

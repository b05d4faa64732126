// One WebSocket connection: frames, pings, the closing handshake, deadlines and what has to be sent. What the messages
// mean is for those that derive from it (the gateway's readings, live readings, an echo).
//
//   auto connection = std::make_unique<EchoConnection>(loop, agreed);
//   WebSocketConnection::serve(std::move(connection), exchange.take_over(), accept_offer(...), std::move(admission));
//
// A WebSocket that carries another protocol's bytes is a net/websocket/websocket_transport.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "net/output_queue.h"
#include "net/read_buffer.h"
#include "net/websocket/frames.h"
#include "net/websocket/websocket_loop.h"

namespace iot::net {

class WebSocketConnection : public Connection {
 public:
  /// Takes over a connection whose upgrade is accepted, sends `answer` (accept_offer) and begins. The connection is
  /// driven before this returns, and may be gone then.
  static void serve(std::unique_ptr<WebSocketConnection> connection, TakenConnection taken, std::string answer,
                    Admission admission);

  int socket() const noexcept final { return transport_->socket(); }
  void on_ready(Readiness ready) final;
  void on_tick() final;
  void on_stop() final;
  void leave() noexcept final;

 protected:
  /// With `deflate_window_bits`, permessage-deflate was agreed on. `loop` must outlive the connection.
  WebSocketConnection(WebSocketLoop& loop, std::optional<unsigned> deflate_window_bits);

  /// A whole message, in order; `payload` is valid during the call, with ReadBuffer::padding_bytes behind it.
  virtual void on_message(std::string_view payload, bool is_text) = 0;
  /// All messages that have arrived so far were given, or as many as are taken: what was gathered can be worked on.
  virtual void on_messages_given() {}
  /// Whether the next message may come. While not, the socket is not read; call resume() once it may.
  virtual bool takes_messages() { return true; }
  /// Whether all that was begun has its answer: only then does our close frame go out. Call resume() once it has.
  virtual bool is_settled() const noexcept { return true; }
  /// About once a second while open.
  virtual void on_second() {}
  /// The connection is gone; nothing of it is called any more.
  virtual void on_left() noexcept {}

  /// Queues a message; it goes out when what is being done ends, or with resume().
  void send(FrameKind kind, std::string_view payload);
  /// Where whole frames may be appended (append_frame), in the same way.
  std::string& output() noexcept { return output_.head(); }
  /// Ends the connection in order: no further message is given; once is_settled(), `code` and `reason` (cut to what
  /// fits) are sent and the peer's own close frame is waited for, a few seconds. The first call counts.
  void close(CloseCode code, std::string_view reason);
  /// Goes on where takes_messages() or is_settled() kept it, and sends what is queued. The connection may be gone when
  /// it returns, and is destroyed later.
  void resume();

  bool is_open() const noexcept { return stage_ == Stage::open; }
  /// What the peer has not taken yet.
  std::size_t unsent_bytes() const noexcept { return output_.bytes(); }
  WebSocketLoop& loop() noexcept { return loop_; }

 private:
  enum class Stage : std::uint8_t {
    open,
    settling,   ///< waits until is_settled(), to close
    closing,    ///< our close frame is queued; waits for the peer's
    lingering,  ///< both, or the peer cannot be understood any more: sends the rest and waits for the peer to go
    done,       ///< leaves as soon as nothing of it runs any more
    gone,
  };

  void drive();
  /// One step; false when there is nothing to do until something happens, or the turn is over.
  bool advance();
  bool is_turn_over() const noexcept { return turn_bytes_left_ <= 0; }
  /// The reader's next step, counted.
  WebSocketReader::Step next_step();
  bool receive();
  bool take(WebSocketReader::Step step);
  bool settle();
  bool await_close();
  bool linger();
  /// Reads what is there; false if that is nothing.
  bool fill();
  /// False if not all could be sent now (or ever).
  bool flush();
  bool end() noexcept;
  void time_out(WebSocketTimeout what) noexcept { ++loop_.counts.timeouts[static_cast<std::size_t>(what)]; }
  void check_open_deadlines(Clock::Steady now);
  void release_memory() noexcept;
  void account_memory() noexcept;

  WebSocketLoop& loop_;
  std::unique_ptr<Transport> transport_;
  WebSocketReader reader_;
  ReadBuffer input_;
  OutputQueue output_;
  std::string close_reason_;
  Clock::Steady heard_;
  /// Of what stage_ waits for, or of the message that has begun.
  std::optional<Clock::Steady> deadline_;
  std::optional<Clock::Steady> write_deadline_;
  std::size_t accounted_bytes_ = 0;
  std::ptrdiff_t turn_bytes_left_ = 0;
  CloseCode close_code_ = CloseCode::none;
  Stage stage_ = Stage::open;
  std::uint8_t deflate_window_bits_;  ///< 0: not agreed on
  bool driving_ = false;
  bool readable_ = true;
  bool read_closed_ = false;
  bool peer_closed_ = false;  ///< its close frame has come, or it cannot be understood any more
  bool said_all_ = false;
  bool pinged_ = false;
};

}  // namespace iot::net

// One connection of an HTTP listener: a state machine that is driven by readiness and by answers. See
// docs/decisions/0007-connections.md for why it is no coroutine.
//
// Requests are taken one after the other, so answers are in order; those of pipelined requests that are answered at
// once go out together. A body with a rest (BodyStream) is asked for its next piece when the one before it is with the
// kernel.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "net/connection.h"
#include "net/http.h"
#include "net/http_loop.h"
#include "net/output_queue.h"
#include "net/read_buffer.h"
#include "net/request_parser.h"

namespace iot::net {

class HttpConnection final : public Connection, public HttpExchange {
 public:
  HttpConnection(HttpLoop& loop, std::unique_ptr<Transport> transport, std::string peer_address);

  int socket() const noexcept override { return transport_->socket(); }
  void on_ready(Readiness ready) override;
  void on_tick() override;
  void on_stop() override;
  /// While the handler has a request of this connection, or a piece of the answer's body is being made.
  bool is_awaited() const noexcept override { return stage_ == Stage::answering || making_piece_; }
  void abandon(const std::shared_ptr<void>& keeper) override;
  void leave() noexcept override;

  const HttpRequest& request() const noexcept override { return parser_.request(); }
  const boost::asio::any_io_executor& executor() const noexcept override { return loop_.executor; }
  std::size_t thread_index() const noexcept override { return loop_.thread_index; }
  void respond(HttpResponse&& response) override;
  void respond_static(std::string_view whole_response) override;
  TakenConnection take_over() override;

 private:
  enum class Stage {
    receiving,  ///< waits for a request or for the rest of one
    answering,  ///< the handler has the request
    streaming,  ///< sends an answer whose body is made meanwhile
    finishing,  ///< sends the last answer
    lingering,  ///< has sent all and reads until the peer closes, so that it gets the answer rather than a reset
    closed,     ///< done; leaves as soon as nothing of it runs any more
    abandoned,  ///< cut off while the handler has the request
    gone,       ///< has left the loop
  };
  enum class Waiting { nothing, idle, request, write, linger };

  void drive();
  /// One step; false when there is nothing to do until something happens.
  bool advance();
  bool receive_request();
  /// Reads what is there; false if that is nothing.
  bool fill();
  bool hand_to_handler();
  void wait_for_input();
  bool refuse(unsigned status, std::string_view reason);
  bool stream();
  void take_piece(BodyStream::Piece piece);
  void append_piece(BodyStream::Piece&& piece);
  bool break_off() noexcept;
  bool finish();
  bool linger();
  /// False if not all could be sent now (or ever).
  bool flush();
  bool close() noexcept;

  void count_answer(unsigned status) noexcept;
  void answered(Stage next);
  void append(HttpResponse&& response, bool keep_alive);
  void wait_for(Waiting what);
  void account_memory() noexcept;

  HttpLoop& loop_;
  std::unique_ptr<Transport> transport_;
  RequestParser parser_;
  ReadBuffer input_;
  std::string decoded_body_;
  OutputQueue output_;
  std::shared_ptr<BodyStream> body_stream_;  ///< null once its last piece is here
  BodyStream::Piece::Then then_ = BodyStream::Piece::Then::end;
  bool making_piece_ = false;
  bool in_chunks_ = false;
  bool keeps_alive_ = false;  ///< after the body that is streamed
  Stage stage_ = Stage::receiving;
  Waiting waiting_ = Waiting::nothing;
  Clock::Steady deadline_;
  std::size_t accounted_bytes_ = 0;
  std::ptrdiff_t turn_bytes_left_ = 0;
  bool driving_ = false;
  bool readable_ = false;
  std::atomic<bool> read_closed_{false};
  bool refused_ = false;
  std::string peer_address_;
  /// What the request refers to once the connection is abandoned.
  std::string abandoned_certificate_sha256_;
};

}  // namespace iot::net

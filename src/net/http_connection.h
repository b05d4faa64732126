// One connection of an HTTP listener: a state machine that is driven by readiness and by answers. See
// docs/decisions/0007-connections.md for why it is no coroutine.
//
// Requests are taken one after the other, so answers are in order; those of pipelined requests that are answered at
// once go out together.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "net/http.h"
#include "net/http_loop.h"
#include "net/output_queue.h"
#include "net/poller.h"
#include "net/read_buffer.h"
#include "net/request_parser.h"

namespace iot::net {

class HttpConnection final : public Pollable, public HttpExchange {
 public:
  HttpConnection(HttpLoop& loop, std::unique_ptr<Transport> transport, std::string peer_address);

  /// Its place in the loop's list.
  std::size_t index = 0;

  int socket() const noexcept { return transport_->socket(); }
  void on_ready(Readiness ready) override;
  /// Closes the connection if it is past its deadline, and gives back memory that it has not used for a while.
  void on_tick();
  /// The listener stops: closes the connection if it is idle.
  void on_stop();
  /// Whether the handler has a request of this connection.
  bool is_answering() const noexcept { return stage_ == Stage::answering; }
  /// Nobody waits for the answer any more; when it comes, the connection retires. Until then it holds `keeper`.
  void abandon(const std::shared_ptr<void>& keeper);
  /// The loop forgets the connection: gives its socket and its share of memory back. The loop may be gone before the
  /// object is.
  void leave() noexcept;

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
    finishing,  ///< sends the last answer
    lingering,  ///< has sent all and reads until the peer closes, so that it gets the answer rather than a reset
    closed,
    abandoned,  ///< closed while the handler has the request
  };
  enum class Waiting { nothing, idle, request, write, linger };

  void drive();
  /// One step; false when there is nothing to do until something happens.
  bool advance();
  bool receive_request();
  /// Reads what is there; false if that is nothing.
  bool fill();
  bool hand_to_handler();
  bool refuse(unsigned status, std::string_view reason);
  bool finish();
  bool linger();
  /// False if not all could be sent now (or ever).
  bool flush();
  bool close() noexcept;

  void answered(unsigned status, bool keep_alive);
  void append(HttpResponse&& response, bool keep_alive);
  void wait_for(Waiting what);
  void account_memory() noexcept;

  HttpLoop& loop_;
  std::unique_ptr<Transport> transport_;
  RequestParser parser_;
  ReadBuffer input_;
  std::string decoded_body_;
  OutputQueue output_;
  Stage stage_ = Stage::receiving;
  Waiting waiting_ = Waiting::nothing;
  Clock::Steady deadline_;
  std::size_t accounted_bytes_ = 0;
  bool driving_ = false;
  bool readable_ = false;
  std::atomic<bool> read_closed_{false};
  bool refused_ = false;
  std::string peer_address_;
  std::shared_ptr<void> keeper_;
};

}  // namespace iot::net

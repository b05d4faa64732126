#include "net/http_connection.h"

#include <boost/asio/post.hpp>
#include <boost/assert.hpp>
#include <sys/socket.h>

#include "base/logging.h"
#include "net/response_writer.h"

namespace iot::net {

namespace {

/// How long the peer may take to notice that we are done; what it sends meanwhile is thrown away.
constexpr std::chrono::seconds linger_s_max{2};
/// Of a turn, what a request or an answer counts for besides its bytes.
constexpr std::ptrdiff_t turn_bytes_per_request = 4 * turn_bytes_per_step;

}  // namespace

HttpConnection::HttpConnection(HttpLoop& loop, std::unique_ptr<Transport> transport, std::string peer_address)
    : loop_(loop), transport_(std::move(transport)), parser_(loop.limits), peer_address_(std::move(peer_address)) {
  parser_.request().peer_address = peer_address_;
  parser_.request().peer_closed = &read_closed_;
  wait_for_input();
}

void HttpConnection::on_ready(Readiness ready) {
  if (!transport_) return;  // closed earlier in the same batch of events
  ready = transport_->readiness(ready);
  readable_ |= ready.readable || ready.read_closed;
  if (ready.read_closed || ready.broken) read_closed_.store(true, std::memory_order_relaxed);
  // While the handler has the request, a broken connection shows when the answer is sent.
  if (ready.broken && !is_awaited()) close();
  drive();
}

void HttpConnection::drive() {
  // An answer that is given inside of handle() comes back here: the outer call goes on.
  if (driving_) return;
  driving_ = true;
  turn_bytes_left_ = turn_bytes_max;
  try {
    while (advance()) {
      turn_bytes_left_ -= turn_bytes_per_request;
      if (turn_bytes_left_ > 0) continue;
      loop_.give_way(*this);
      break;
    }
  } catch (const std::exception& exception) {
    // Whoever threw will not answer any more. It costs this connection, and nobody else's.
    log_error("an exception escaped a request; please report this", {{"what", exception.what()}});
    close();
  }
  driving_ = false;
  if (stage_ == Stage::closed) loop_.remove(*this);
}

bool HttpConnection::advance() {
  switch (stage_) {
    case Stage::receiving:
      return receive_request();
    case Stage::answering:
      return !output_.empty() && flush() && stage_ != Stage::answering;
    case Stage::streaming:
      return stream();
    case Stage::finishing:
      return finish();
    case Stage::lingering:
      return linger();
    case Stage::closed:
    case Stage::abandoned:
    case Stage::gone:
      return false;
  }
  return false;
}

bool HttpConnection::receive_request() {
  if (!output_.takes_more() && !flush()) return false;
  switch (parser_.parse(input_)) {
    case RequestParser::Step::complete:
      return hand_to_handler();
    case RequestParser::Step::refused:
      return refuse(parser_.refusal().status, parser_.refusal().reason);
    case RequestParser::Step::need_more:
      break;
  }
  if (parser_.take_expects_continue()) output_.head() += "HTTP/1.1 100 Continue\r\n\r\n";
  if (!output_.empty() && !flush()) return false;
  if (readable_) {
    input_.free_space();
    account_memory();
    if (loop_.buffers_full() && input_.capacity() > ReadBuffer::initial_bytes) {
      return refuse(503, "too many requests are being received at once");
    }
    if (fill()) return true;
  }
  wait_for_input();
  const bool idle = stage_ == Stage::receiving && !parser_.started();
  return idle && loop_.stopping() && close();
}

bool HttpConnection::fill() {
  const std::span<char> space = input_.free_space();
  const IoOutcome outcome = transport_->receive(space);
  switch (outcome.kind) {
    case IoOutcome::Kind::done:
      break;
    case IoOutcome::Kind::would_block:
      readable_ = false;
      return false;
    case IoOutcome::Kind::closed:
    case IoOutcome::Kind::failed:
      return close();
  }
  input_.commit(outcome.bytes);
  loop_.counts.received_bytes += outcome.bytes;
  turn_bytes_left_ -= static_cast<std::ptrdiff_t>(outcome.bytes);
  if (outcome.drained && !read_closed_.load(std::memory_order_relaxed)) readable_ = false;
  return true;
}

bool HttpConnection::hand_to_handler() {
  HttpRequest& request = parser_.request();
  // Whoever takes the connection over must find nothing of ours unsent.
  const bool may_be_taken_over = !request.header("Upgrade").empty() ||
                                 request.header("Accept").find("text/event-stream") != std::string_view::npos;
  if (!output_.empty() && may_be_taken_over && !flush()) return false;
  if (!parser_.content_encoding().empty()) {
    const ContentCoding coding = parse_content_coding(parser_.content_encoding());
    if (coding == ContentCoding::unknown) return refuse(415, "the content encodings are gzip and zstd");
    if (coding != ContentCoding::identity) {
      switch (loop_.content_decoder.decode(coding, request.body, loop_.limits.decompressed_bytes_max, decoded_body_)) {
        case ContentDecoder::Outcome::decoded:
          break;
        case ContentDecoder::Outcome::malformed:
          return refuse(400, "the body is not of its content encoding");
        case ContentDecoder::Outcome::too_large:
          return refuse(413, "the decompressed body is too large");
      }
      request.body = decoded_body_;
      account_memory();
    }
  }
  request.peer_certificate_sha256 = transport_->peer_certificate_sha256();
  stage_ = Stage::answering;
  wait_for(Waiting::nothing);
  loop_.handler.handle(*this);
  return true;
}

void HttpConnection::respond(HttpResponse&& response) {
  BOOST_ASSERT(stage_ == Stage::answering || stage_ == Stage::abandoned);
  if (stage_ == Stage::abandoned) return loop_.poller.retire_parked(*this);
  count_answer(response.status);
  if (!response.rest) {
    const bool keep_alive = parser_.keep_alive() && !loop_.stopping();
    append(std::move(response), keep_alive);
    return answered(keep_alive ? Stage::receiving : Stage::finishing);
  }
  in_chunks_ = parser_.minor_version() > 0;
  // In HTTP/1.0 the end of the connection is the end of the body.
  keeps_alive_ = in_chunks_ && parser_.keep_alive() && !loop_.stopping();
  append_response_head(
      output_.head(), response,
      {.date_line = loop_.date_line(), .minor_version = parser_.minor_version(), .keep_alive = keeps_alive_});
  if (parser_.request().method == Method::head || !has_content(response.status)) {
    return answered(keeps_alive_ ? Stage::receiving : Stage::finishing);
  }
  body_stream_ = std::move(response.rest);
  append_piece({std::move(response.body), BodyStream::Piece::Then::more});
  answered(Stage::streaming);
}

void HttpConnection::append_piece(BodyStream::Piece&& piece) {
  then_ = piece.then;
  const bool last = then_ == BodyStream::Piece::Then::end;
  if (!piece.bytes.empty()) {
    if (in_chunks_) {
      append_chunk_head(output_.head(), piece.bytes.size());
      piece.bytes += chunk_end(last);
    }
    output_.append_body(std::move(piece.bytes));
  } else if (in_chunks_ && last) {
    output_.head() += last_chunk;
  }
}

bool HttpConnection::stream() {
  if (making_piece_ || !flush()) return false;
  if (then_ == BodyStream::Piece::Then::end) {
    stage_ = keeps_alive_ && !loop_.stopping() ? Stage::receiving : Stage::finishing;
    return true;
  }
  if (then_ == BodyStream::Piece::Then::broken) return break_off();
  // Each piece has its own time to be taken in.
  wait_for(Waiting::nothing);
  making_piece_ = true;
  body_stream_->next([this, executor = loop_.executor](BodyStream::Piece piece) {
    boost::asio::post(executor, [this, piece = std::move(piece)]() mutable { take_piece(std::move(piece)); });
  });
  return false;
}

void HttpConnection::take_piece(BodyStream::Piece piece) {
  making_piece_ = false;
  if (piece.then != BodyStream::Piece::Then::more || stage_ == Stage::abandoned) body_stream_.reset();
  if (stage_ == Stage::abandoned) return loop_.poller.retire_parked(*this);
  append_piece(std::move(piece));
  drive();
}

bool HttpConnection::break_off() noexcept {
  if (!in_chunks_) {
    // Else the end of the connection would look like the end of the body.
    const struct ::linger at_once = {.l_onoff = 1, .l_linger = 0};
    ::setsockopt(transport_->socket(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  return close();
}

void HttpConnection::respond_static(std::string_view whole_response) {
  BOOST_ASSERT(stage_ == Stage::answering || stage_ == Stage::abandoned);
  if (stage_ == Stage::abandoned) return loop_.poller.retire_parked(*this);
  const bool keep_alive = parser_.keep_alive() && !loop_.stopping();
  append_static_response(output_.head(), whole_response,
                         {.date_line = loop_.date_line(),
                          .minor_version = parser_.minor_version(),
                          .keep_alive = keep_alive,
                          .head_only = parser_.request().method == Method::head});
  // "HTTP/1.1 200": the class is the ninth letter after the version.
  count_answer(static_cast<unsigned>(whole_response[9] - '0') * 100);
  answered(keep_alive ? Stage::receiving : Stage::finishing);
}

TakenConnection HttpConnection::take_over() {
  BOOST_ASSERT(stage_ == Stage::answering || stage_ == Stage::abandoned);
  if (stage_ == Stage::abandoned) {
    loop_.poller.retire_parked(*this);
    return {};
  }
  loop_.poller.remove(transport_->socket());
  parser_.next(input_);
  TakenConnection taken{std::move(transport_), std::string(input_.bytes()), peer_address_};
  stage_ = Stage::closed;
  drive();
  return taken;
}

void HttpConnection::append(HttpResponse&& response, bool keep_alive) {
  const bool head_only = parser_.request().method == Method::head;
  append_response_head(
      output_.head(), response,
      {.date_line = loop_.date_line(), .minor_version = parser_.minor_version(), .keep_alive = keep_alive});
  if (!head_only && has_content(response.status)) output_.append_body(std::move(response.body));
}

void HttpConnection::count_answer(unsigned status) noexcept {
  const std::size_t status_class = std::min<std::size_t>(status / 100, 5);
  if (status_class > 0) ++loop_.counts.answers_by_class[status_class - 1];
}

void HttpConnection::answered(Stage next) {
  parser_.next(input_);
  if (decoded_body_.capacity() > ReadBuffer::initial_bytes) std::string().swap(decoded_body_);
  stage_ = next;
  drive();
}

bool HttpConnection::refuse(unsigned status, std::string_view reason) {
  loop_.metrics.refused(status);
  refused_ = true;
  // The request may be too broken to ask it anything.
  HttpResponse response = loop_.handler.refuse(status, reason);
  append_response_head(output_.head(), response, {.date_line = loop_.date_line(), .keep_alive = false});
  output_.append_body(std::move(response.body));
  ++loop_.counts.answers_by_class[std::min<std::size_t>(status / 100, 5) - 1];
  stage_ = Stage::finishing;
  return true;
}

bool HttpConnection::finish() {
  if (!flush()) return false;
  // Closing a socket with unread input resets it, and a reset may overtake the answer.
  if (!refused_ && input_.bytes().empty()) return close();
  transport_->finish_sending();
  stage_ = Stage::lingering;
  wait_for(Waiting::linger);
  return true;
}

bool HttpConnection::linger() {
  input_.consume(input_.bytes().size());
  return readable_ && fill();
}

bool HttpConnection::flush() {
  const IoOutcome outcome = output_.send(*transport_);
  loop_.counts.sent_bytes += outcome.bytes;
  switch (outcome.kind) {
    case IoOutcome::Kind::done:
      return true;
    case IoOutcome::Kind::would_block:
      if (stage_ != Stage::answering) wait_for(Waiting::write);
      return false;
    case IoOutcome::Kind::closed:
    case IoOutcome::Kind::failed:
      break;
  }
  // Nobody hears the answers any more; but the handler that has the request must still find the connection.
  if (stage_ != Stage::answering) close();
  return false;
}

bool HttpConnection::close() noexcept {
  stage_ = Stage::closed;
  return false;
}

void HttpConnection::wait_for(Waiting what) {
  // Each is waited for as a whole, however many pieces it comes in.
  if (waiting_ == what) return;
  waiting_ = what;
  const auto limit = [&]() -> std::chrono::milliseconds {
    switch (what) {
      case Waiting::nothing:
        break;
      case Waiting::idle:
        return loop_.limits.idle_s_max;
      case Waiting::request:
        return loop_.limits.request_s_max;
      case Waiting::write:
        return loop_.limits.write_s_max;
      case Waiting::linger:
        return linger_s_max;
    }
    return {};
  }();
  deadline_ = loop_.deadline_after(limit);
}

void HttpConnection::wait_for_input() {
  // A handshake of TLS that does not end is a request that does not arrive.
  wait_for(parser_.started() || !transport_->established() ? Waiting::request : Waiting::idle);
}

void HttpConnection::on_tick() {
  if (waiting_ == Waiting::nothing || stage_ == Stage::answering || loop_.now() < deadline_) {
    if (waiting_ == Waiting::idle) {
      input_.release();
      account_memory();
    }
    return;
  }
  switch (waiting_) {
    case Waiting::idle:
      ++loop_.counts.timeouts[static_cast<std::size_t>(Timeout::idle)];
      break;
    case Waiting::request:
      ++loop_.counts.timeouts[static_cast<std::size_t>(Timeout::request)];
      if (!transport_->established()) break;
      refuse(408, "the request did not arrive in time");
      return drive();
    case Waiting::write:
      ++loop_.counts.timeouts[static_cast<std::size_t>(Timeout::write)];
      break;
    case Waiting::nothing:
    case Waiting::linger:
      break;
  }
  close();
  drive();
}

void HttpConnection::on_stop() {
  if (stage_ == Stage::receiving) drive();
}

void HttpConnection::abandon(const std::shared_ptr<void>& keeper) {
  Connection::abandon(keeper);
  stage_ = Stage::abandoned;
  read_closed_.store(true, std::memory_order_relaxed);
  // The transport goes now, the request's views are valid until it is answered.
  abandoned_certificate_sha256_ = parser_.request().peer_certificate_sha256;
  parser_.request().peer_certificate_sha256 = abandoned_certificate_sha256_;
}

void HttpConnection::leave() noexcept {
  transport_.reset();
  if (!making_piece_) body_stream_.reset();
  if (stage_ != Stage::abandoned) stage_ = Stage::gone;
  loop_.account(-static_cast<std::ptrdiff_t>(accounted_bytes_));
  accounted_bytes_ = 0;
}

void HttpConnection::account_memory() noexcept {
  const std::size_t held =
      input_.capacity() + parser_.held_bytes() + decoded_body_.capacity() + (transport_ ? transport_->held_bytes() : 0);
  loop_.account(static_cast<std::ptrdiff_t>(held) - static_cast<std::ptrdiff_t>(accounted_bytes_));
  accounted_bytes_ = held;
}

}  // namespace iot::net

#include "net/tls_transport.h"

#include <array>
#include <cerrno>
#include <string>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "base/logging.h"

namespace iot::net {

TlsCounters::TlsCounters(Metrics& metrics)
    : handshakes_done(metrics.counter("iotplatform_tls_handshakes_total", "Handshakes of TLS", {{"outcome", "done"}})),
      handshakes_failed(
          metrics.counter("iotplatform_tls_handshakes_total", "Handshakes of TLS", {{"outcome", "failed"}})) {}

namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(PlainTransport socket, SSL_CTX& context, ClientCertificates client_certificates, TlsCounters counters)
      : socket_(std::move(socket)),
        client_certificates_(client_certificates),
        counters_(counters),
        ssl_(SSL_new(&context)) {
    BIO* bio = ssl_ ? BIO_new(socket_method()) : nullptr;
    if (!bio) {
      ssl_.reset();
      return;
    }
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
    if (client_certificates == ClientCertificates::requested) {
      SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
    }
  }
  ~TlsTransport() override {
    if (!ssl_) return;
    // One that was given up while it shook hands.
    if (!established_ && !failed_) counters_.handshakes_failed.Increment();
    say_goodbye();
  }

  bool usable() const noexcept { return ssl_ != nullptr; }

  int socket() const noexcept override { return socket_.socket(); }
  Readiness readiness(Readiness of_socket) noexcept override;
  IoOutcome receive(std::span<char> space) override;
  IoOutcome send(std::string_view first, std::string_view second) override;
  void finish_sending() noexcept override;
  bool established() const noexcept override { return established_; }
  std::string_view peer_certificate_sha256() const noexcept override { return peer_certificate_sha256_; }

 private:
  /// OpenSSL's own way to a socket raises SIGPIPE and asks a socket that is known to be empty.
  static BIO_METHOD* socket_method();
  static int read_socket(BIO* bio, char* data, int size);
  static int write_socket(BIO* bio, const char* data, int size);
  static long control(BIO* bio, int command, long number, void* pointer);

  /// What it means that a call of OpenSSL's did not do all. `waits_for_other` is set if what it waits for is not its
  /// own direction.
  IoOutcome::Kind judge(int returned, int own_direction, bool& waits_for_other);
  void note_progress();
  void say_goodbye() noexcept;

  PlainTransport socket_;
  const ClientCertificates client_certificates_;
  TlsCounters counters_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::string peer_certificate_sha256_;
  bool established_ = false;
  /// A record was sent in part: nothing else may be sent before the rest.
  bool record_pending_ = false;
  bool failed_ = false;
  bool peer_closed_ = false;
  bool receive_waits_for_writable_ = false;
  bool send_waits_for_readable_ = false;
  /// Of the socket: what comes later is told by the poller.
  bool drained_ = false;
  bool read_closed_told_ = false;
};

BIO_METHOD* TlsTransport::socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "iotplatform socket");
    BIO_meth_set_read(made, read_socket);
    BIO_meth_set_write(made, write_socket);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

int TlsTransport::read_socket(BIO* bio, char* data, int size) {
  auto& self = *static_cast<TlsTransport*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (self.drained_) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const IoOutcome outcome = self.socket_.receive({data, static_cast<std::size_t>(size)});
  switch (outcome.kind) {
    case IoOutcome::Kind::done:
      // The end of the stream that has been told already will not be told again.
      self.drained_ = outcome.drained && !self.read_closed_told_;
      return static_cast<int>(outcome.bytes);
    case IoOutcome::Kind::would_block:
      BIO_set_retry_read(bio);
      return -1;
    case IoOutcome::Kind::closed:
      return 0;
    case IoOutcome::Kind::failed:
      break;
  }
  return -1;
}

int TlsTransport::write_socket(BIO* bio, const char* data, int size) {
  auto& self = *static_cast<TlsTransport*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const IoOutcome outcome = self.socket_.send({data, static_cast<std::size_t>(size)}, {});
  if (outcome.kind == IoOutcome::Kind::done) return static_cast<int>(outcome.bytes);
  if (outcome.kind == IoOutcome::Kind::would_block) BIO_set_retry_write(bio);
  return -1;
}

long TlsTransport::control(BIO*, int command, long, void*) {
  // Nothing is kept back that could be flushed, and OpenSSL asks for nothing else that matters.
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

Readiness TlsTransport::readiness(Readiness of_socket) noexcept {
  if (of_socket.readable || of_socket.read_closed || of_socket.broken) drained_ = false;
  read_closed_told_ |= of_socket.read_closed;
  Readiness ready = of_socket;
  ready.readable |= of_socket.writable && receive_waits_for_writable_;
  ready.writable |= of_socket.readable && send_waits_for_readable_;
  return ready;
}

IoOutcome TlsTransport::receive(std::span<char> space) {
  if (failed_) return {IoOutcome::Kind::failed, 0};
  if (peer_closed_) return {IoOutcome::Kind::closed, 0};
  receive_waits_for_writable_ = false;
  std::size_t total = 0;
  while (total < space.size()) {
    ERR_clear_error();
    std::size_t count = 0;
    const int returned = SSL_read_ex(ssl_.get(), space.data() + total, space.size() - total, &count);
    note_progress();
    if (returned == 1) {
      total += count;
      continue;
    }
    const IoOutcome::Kind kind = judge(returned, SSL_ERROR_WANT_READ, receive_waits_for_writable_);
    if (total == 0) return {kind, 0};
    return {IoOutcome::Kind::done, total, kind == IoOutcome::Kind::would_block};
  }
  return {IoOutcome::Kind::done, total, false};
}

IoOutcome TlsTransport::send(std::string_view first, std::string_view second) {
  if (failed_) return {IoOutcome::Kind::failed, 0};
  send_waits_for_readable_ = false;
  std::size_t total = 0;
  for (std::string_view part : {first, second}) {
    while (!part.empty()) {
      ERR_clear_error();
      std::size_t count = 0;
      const int returned = SSL_write_ex(ssl_.get(), part.data(), part.size(), &count);
      note_progress();
      if (returned == 1) {
        record_pending_ = false;
        total += count;
        part.remove_prefix(count);
        continue;
      }
      const IoOutcome::Kind kind = judge(returned, SSL_ERROR_WANT_WRITE, send_waits_for_readable_);
      record_pending_ = kind == IoOutcome::Kind::would_block && established_;
      // What went out counts; the reason that no more did comes with the next call.
      return {total > 0 ? IoOutcome::Kind::done : kind, total};
    }
  }
  return {IoOutcome::Kind::done, total};
}

IoOutcome::Kind TlsTransport::judge(int returned, int own_direction, bool& waits_for_other) {
  const int error = SSL_get_error(ssl_.get(), returned);
  switch (error) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      waits_for_other = error != own_direction;
      return IoOutcome::Kind::would_block;
    case SSL_ERROR_ZERO_RETURN:
      peer_closed_ = true;
      return IoOutcome::Kind::closed;
    default:
      break;
  }
  failed_ = true;
  if (!established_) {
    counters_.handshakes_failed.Increment();
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    log_debug("a handshake of TLS failed", {{"reason", reason ? reason : "the connection ended"}});
  }
  return IoOutcome::Kind::failed;
}

void TlsTransport::note_progress() {
  if (established_ || !SSL_is_init_finished(ssl_.get())) return;
  established_ = true;
  counters_.handshakes_done.Increment();
  const X509* certificate =
      client_certificates_ == ClientCertificates::requested ? SSL_get0_peer_certificate(ssl_.get()) : nullptr;
  if (!certificate) return;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return;
  static constexpr char digits[] = "0123456789abcdef";
  for (unsigned i = 0; i < size; ++i) {
    peer_certificate_sha256_ += digits[digest[i] >> 4];
    peer_certificate_sha256_ += digits[digest[i] & 15];
  }
}

void TlsTransport::say_goodbye() noexcept {
  // After a record that was sent in part, or a failure, there is no place for it: the peer then sees an abrupt end,
  // which it is.
  if (!established_ || failed_ || record_pending_) return;
  if ((SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

void TlsTransport::finish_sending() noexcept {
  say_goodbye();
  socket_.finish_sending();
}

}  // namespace

std::unique_ptr<Transport> make_tls_transport(PlainTransport socket, ssl_ctx_st& context,
                                              ClientCertificates client_certificates, TlsCounters counters) {
  auto transport = std::make_unique<TlsTransport>(std::move(socket), context, client_certificates, counters);
  if (!transport->usable()) return nullptr;
  return transport;
}

}  // namespace iot::net

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/logging.h"
#include "net/tls.h"
#include "net/tls_transport.h"

namespace iot::net {

namespace {

using Context = std::shared_ptr<SSL_CTX>;

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};

/// Why OpenSSL could not, in its words; empties its queue.
std::string last_reason() {
  std::string reason;
  while (const unsigned long code = ERR_get_error()) {
    if (ERR_SYSTEM_ERROR(code)) {
      reason = std::strerror(ERR_GET_REASON(code));
    } else if (const char* text = ERR_reason_error_string(code); text && reason.empty()) {
      reason = text;
    }
  }
  return reason.empty() ? "it is not in PEM form" : reason;
}

Error unusable(const std::string& what, const std::filesystem::path& file, const std::string& why) {
  return make_error(Errc::certificate_unusable, what + " " + file.string() + " cannot be used: " + why);
}

/// An encrypted key would make OpenSSL ask at the terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

Result<void> use_key(SSL_CTX& context, const TlsFiles& files) {
  static constexpr const char* what = "the key";
  const int descriptor = ::open(files.key.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unusable(what, files.key, std::strerror(errno));
  const std::unique_ptr<std::FILE, CloseFile> file(::fdopen(descriptor, "r"));
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return unusable(what, files.key, std::strerror(errno));
  if ((status.st_mode & S_IRWXO) != 0) {
    return unusable(what, files.key, "other users of this machine may use it; chmod o= " + files.key.string());
  }
  ERR_clear_error();
  const std::unique_ptr<EVP_PKEY, FreeKey> key(PEM_read_PrivateKey(file.get(), nullptr, no_password, nullptr));
  if (!key) return unusable(what, files.key, last_reason() + " (it must be in PEM form, and not encrypted)");
  if (SSL_CTX_use_PrivateKey(&context, key.get()) != 1 || SSL_CTX_check_private_key(&context) != 1) {
    return unusable(what, files.key,
                    "it does not belong to the certificate " + files.certificate.string() + " (" + last_reason() + ")");
  }
  return {};
}

Result<void> use_client_ca(SSL_CTX& context, const std::filesystem::path& file) {
  static constexpr const char* what = "the authority of client certificates";
  if (file.empty()) {
    // The handshake proves that the client has the certificate's key. Whose it is, its fingerprint tells.
    SSL_CTX_set_cert_verify_callback(
        &context, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
    return {};
  }
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(&context, file.c_str()) != 1) return unusable(what, file, last_reason());
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(file.c_str());
  if (!names) return unusable(what, file, last_reason());
  SSL_CTX_set_client_CA_list(&context, names);
  return {};
}

void set_protocol(SSL_CTX& context) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                    SSL_OP_PRIORITIZE_CHACHA);
  // Of TLS 1.2; those of 1.3 are all of this kind.
  SSL_CTX_set_cipher_list(&context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  // Partial writes and moving buffers are what Transport::send() promises. An idle connection gives its buffers back.
  SSL_CTX_set_mode(&context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // One read takes a record's header and content, and all records behind it.
  SSL_CTX_set_read_ahead(&context, 1);
  // A ticket holds all that is needed to resume; one is enough.
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(&context, 1);
  static constexpr unsigned char session_context[] = "iotplatform";
  SSL_CTX_set_session_id_context(&context, session_context, sizeof session_context - 1);
}

Result<Context> make_context(const TlsFiles& files) {
  Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return make_error(Errc::certificate_unusable, "TLS cannot be set up: " + last_reason());
  set_protocol(*context);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return unusable("the certificate", files.certificate, last_reason());
  }
  IOT_CHECK(use_key(*context, files));
  IOT_CHECK(use_client_ca(*context, files.client_ca));
  return context;
}

std::time_t end_of_life(const SSL_CTX& context) {
  std::tm parts{};
  ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(&context)), &parts);
  return ::timegm(&parts);
}

class LoadedTlsContext final : public TlsContext, public std::enable_shared_from_this<LoadedTlsContext> {
 public:
  LoadedTlsContext(Context context, Metrics& metrics)
      : counters_(metrics),
        end_of_life_s_(metrics.gauge("iotplatform_tls_certificate_expires_seconds",
                                     "When the server's certificate ends, in seconds since 1970")),
        reloads_failed_(metrics.counter("iotplatform_tls_reloads_failed_total",
                                        "Times that a new certificate was unusable and the old one stayed")) {
    take(std::move(context));
  }

  Result<void> reload(const TlsFiles& files) override {
    auto context = make_context(files);
    if (!context) {
      reloads_failed_.Increment();
      return context.error();
    }
    take(std::move(*context));
    return {};
  }

  MakeTransport transports(ClientCertificates client_certificates) override {
    return [self = shared_from_this(), client_certificates](int socket) -> std::unique_ptr<Transport> {
      const Context context = self->context_.load();
      return make_tls_transport(PlainTransport(socket), *context, client_certificates, self->counters_);
    };
  }

 private:
  void take(Context context) {
    const std::time_t end = end_of_life(*context);
    if (end < std::time(nullptr)) log_warning("the server's certificate has expired; clients will refuse it");
    end_of_life_s_.Set(static_cast<double>(end));
    context_.store(std::move(context));
  }

  TlsCounters counters_;
  Gauge& end_of_life_s_;
  Counter& reloads_failed_;
  std::atomic<Context> context_;
};

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::load(const TlsFiles& files, Metrics& metrics) {
  IOT_TRY(Context context, make_context(files));
  return std::shared_ptr<TlsContext>(std::make_shared<LoadedTlsContext>(std::move(context), metrics));
}

}  // namespace iot::net

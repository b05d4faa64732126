#include "net/tls_peer.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/raw_client.h"

namespace iot::net {

namespace {

template <auto free>
struct Free {
  void operator()(auto* object) const noexcept { free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;

void check(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

std::string contents(BIO* bio) {
  std::string text(BIO_ctrl_pending(bio), '\0');
  if (!text.empty()) BIO_read(bio, text.data(), static_cast<int>(text.size()));
  return text;
}

Certificate read_certificate(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

Key read_key(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

std::string sha256_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  check(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1, "digest");
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    char pair[3];
    std::snprintf(pair, sizeof pair, "%02x", digest[i]);
    text += pair;
  }
  return text;
}

void add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  check(extension && X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

}  // namespace

TestCertificate make_test_certificate(const std::string& common_name, const TestCertificate* issuer) {
  static std::atomic<long> serial{1};
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  check(key && certificate, "key");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                             -1, 0);
  const Certificate signer = issuer ? read_certificate(issuer->certificate) : nullptr;
  const Key signing_key = issuer ? read_key(issuer->key) : nullptr;
  X509_set_issuer_name(certificate.get(), signer ? X509_get_subject_name(signer.get()) : name);
  X509* signs = signer ? signer.get() : certificate.get();
  add_extension(certificate.get(), signs, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  if (!issuer) add_extension(certificate.get(), signs, NID_basic_constraints, "critical,CA:TRUE");
  check(X509_sign(certificate.get(), signing_key ? signing_key.get() : key.get(), EVP_sha256()) > 0, "sign");
  const Bio pem(BIO_new(BIO_s_mem()));
  check(PEM_write_bio_X509(pem.get(), certificate.get()) == 1, "PEM");
  TestCertificate made;
  made.certificate = contents(pem.get());
  check(PEM_write_bio_PrivateKey(pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "PEM");
  made.key = contents(pem.get());
  made.sha256 = sha256_of(certificate.get());
  return made;
}

TestTlsFiles::TestTlsFiles(const TestCertificate& certificate) {
  std::string pattern = std::filesystem::temp_directory_path() / "iot-tls-XXXXXX";
  check(::mkdtemp(pattern.data()) != nullptr, "temporary directory");
  directory_ = pattern;
  replace(certificate);
}

TestTlsFiles::~TestTlsFiles() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void TestTlsFiles::replace(const TestCertificate& certificate) {
  files.certificate = write("certificate.pem", certificate.certificate);
  files.key = write("key.pem", certificate.key);
}

std::filesystem::path TestTlsFiles::write(const std::string& name, std::string_view content, unsigned mode) {
  const auto path = directory_ / name;
  std::ofstream(path, std::ios::trunc) << content;
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
  return path;
}

struct TlsPeer::State {
  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context{SSL_CTX_new(TLS_client_method())};
  std::unique_ptr<SSL, Free<SSL_free>> ssl;
  std::unique_ptr<SSL_SESSION, Free<SSL_SESSION_free>> session;
  std::string unread;
  bool failed = false;

  void begin() {
    ssl.reset(SSL_new(context.get()));
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl.get());
  }
  void advance() {
    char bytes[16'384];
    for (;;) {
      const int count = SSL_read(ssl.get(), bytes, sizeof bytes);
      if (count > 0) {
        unread.append(bytes, static_cast<std::size_t>(count));
        continue;
      }
      const int error = SSL_get_error(ssl.get(), count);
      failed |= error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL;
      return;
    }
  }
};

TlsPeer::TlsPeer(const TlsPeerOptions& options) : state_(std::make_unique<State>()) {
  SSL_CTX* context = state_->context.get();
  if (options.version != 0) {
    // Old versions need to be allowed, so that it is the server who refuses them.
    SSL_CTX_set_security_level(context, 0);
    check(SSL_CTX_set_min_proto_version(context, options.version) == 1, "version");
    check(SSL_CTX_set_max_proto_version(context, options.version) == 1, "version");
  }
  if (!options.ciphers.empty()) check(SSL_CTX_set_cipher_list(context, options.ciphers.c_str()) == 1, "ciphers");
  if (options.certificate) {
    check(SSL_CTX_use_certificate(context, read_certificate(options.certificate->certificate).get()) == 1, "own");
    check(SSL_CTX_use_PrivateKey(context, read_key(options.certificate->key).get()) == 1, "own");
  }
  state_->begin();
}

TlsPeer::~TlsPeer() = default;

void TlsPeer::put(std::string_view bytes) {
  if (!bytes.empty()) BIO_write(SSL_get_rbio(state_->ssl.get()), bytes.data(), static_cast<int>(bytes.size()));
  state_->advance();
}

std::string TlsPeer::take() {
  state_->advance();
  return contents(SSL_get_wbio(state_->ssl.get()));
}

bool TlsPeer::established() const {
  return SSL_is_init_finished(state_->ssl.get());
}

bool TlsPeer::failed() const {
  return state_->failed;
}

void TlsPeer::write(std::string_view text) {
  check(SSL_write(state_->ssl.get(), text.data(), static_cast<int>(text.size())) > 0, "write");
}

std::string TlsPeer::read() {
  return std::exchange(state_->unread, {});
}

bool TlsPeer::server_closed() const {
  return (SSL_get_shutdown(state_->ssl.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

void TlsPeer::close() {
  SSL_shutdown(state_->ssl.get());
}

void TlsPeer::ask_for_new_keys() {
  if (SSL_version(state_->ssl.get()) == TLS1_3_VERSION) {
    check(SSL_key_update(state_->ssl.get(), SSL_KEY_UPDATE_REQUESTED) == 1, "key update");
  } else {
    check(SSL_renegotiate(state_->ssl.get()) == 1, "renegotiate");
  }
  SSL_do_handshake(state_->ssl.get());
}

std::string TlsPeer::version() const {
  return SSL_get_version(state_->ssl.get());
}

std::string TlsPeer::cipher() const {
  return SSL_get_cipher_name(state_->ssl.get());
}

std::string TlsPeer::server_certificate_sha256() const {
  return sha256_of(SSL_get0_peer_certificate(state_->ssl.get()));
}

bool TlsPeer::resumed() const {
  return SSL_session_reused(state_->ssl.get()) == 1;
}

void TlsPeer::keep_session() {
  state_->session.reset(SSL_get1_session(state_->ssl.get()));
}

void TlsPeer::resume(const TlsPeer& other) {
  state_->begin();
  check(SSL_set_session(state_->ssl.get(), other.state_->session.get()) == 1, "session");
}

struct TlsClient::Wire {
  explicit Wire(const std::string& address) : client(address) {}
  RawClient client;
};

TlsClient::TlsClient(const std::string& address, const TlsPeerOptions& options)
    : wire_(std::make_unique<Wire>(address)), peer_(options) {
  while (!peer_.established() && !peer_.failed()) {
    if (!move_bytes()) break;
  }
  flush();
}

TlsClient::~TlsClient() = default;

void TlsClient::flush() {
  wire_->client.send(peer_.take());
}

bool TlsClient::move_bytes() {
  flush();
  const std::string bytes = wire_->client.read_some();
  if (bytes.empty()) return false;
  peer_.put(bytes);
  received_ += peer_.read();
  return true;
}

void TlsClient::send(std::string_view text) {
  peer_.write(text);
  flush();
}

std::string TlsClient::read_bytes(std::size_t count) {
  while (received_.size() < count && move_bytes()) {
  }
  const std::string bytes = received_.substr(0, count);
  received_.erase(0, bytes.size());
  return bytes;
}

std::string TlsClient::read_all() {
  while (move_bytes()) {
  }
  return std::exchange(received_, {});
}

int TlsClient::socket() const noexcept {
  return wire_->client.socket();
}

void TlsClient::finish_sending() {
  peer_.close();
  flush();
}

}  // namespace iot::net

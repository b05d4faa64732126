// For tests: certificates made on the spot, and a TLS client without a socket, whose every byte the test moves.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "net/tls.h"

namespace iot::net {

/// In PEM form.
struct TestCertificate {
  std::string certificate;
  std::string key;
  std::string sha256;  ///< of the DER form, 64 lowercase hexadecimal digits
};

/// For "localhost" and 127.0.0.1. Signed by `issuer`, which may sign others; null: by itself.
TestCertificate make_test_certificate(const std::string& common_name, const TestCertificate* issuer = nullptr);

/// A certificate and its key in files of a directory of their own, which goes with the object.
class TestTlsFiles {
 public:
  explicit TestTlsFiles(const TestCertificate& certificate);
  ~TestTlsFiles();
  TestTlsFiles(const TestTlsFiles&) = delete;

  void replace(const TestCertificate& certificate);
  /// Writes another file beside them.
  std::filesystem::path write(const std::string& name, std::string_view content, unsigned mode = 0600);

  TlsFiles files;

 private:
  std::filesystem::path directory_;
};

struct TlsPeerOptions {
  int version = 0;           ///< TLS1_2_VERSION or the like, and nothing else; 0: what OpenSSL offers
  std::string ciphers = {};  ///< of TLS 1.2 and before; empty: what OpenSSL offers
  const TestCertificate* certificate = nullptr;  ///< shown when the server asks for one
};

/// Bytes in, bytes out. It trusts any server.
class TlsPeer {
 public:
  explicit TlsPeer(const TlsPeerOptions& options = {});
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;

  /// What came from the server.
  void put(std::string_view bytes);
  /// What is to be sent to the server: of the handshake, and of what was written. Goes as far as it can.
  std::string take();

  /// Whether the handshake has ended, on this side.
  bool established() const;
  bool failed() const;
  void write(std::string_view text);
  /// All that the server has said so far and that was not read yet.
  std::string read();
  /// The server has said that it sends no more.
  bool server_closed() const;
  /// Says that no more will be written.
  void close();
  /// Asks for new keys of both sides (TLS 1.3), or for another handshake (1.2).
  void ask_for_new_keys();

  std::string version() const;
  std::string cipher() const;
  std::string server_certificate_sha256() const;
  bool resumed() const;
  /// The session so far, for resume().
  void keep_session();
  /// Begins anew, with the session that `other` has kept.
  void resume(const TlsPeer& other);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A TLS client over loopback, every wait with a deadline, like RawClient.
class TlsClient {
 public:
  explicit TlsClient(const std::string& address, const TlsPeerOptions& options = {});
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;

  void send(std::string_view text);
  /// The next `count` bytes. What was there, if the connection ends before.
  std::string read_bytes(std::size_t count);
  std::string read_all();
  TlsPeer& peer() noexcept { return peer_; }
  int socket() const noexcept;
  /// Says that it sends no more, as TLS does it.
  void finish_sending();

 private:
  /// Moves what is to be moved; false at the end of the stream.
  bool move_bytes();
  void flush();

  struct Wire;
  std::unique_ptr<Wire> wire_;
  TlsPeer peer_;
  std::string received_;
};

}  // namespace iot::net

// TLS 1.2 and 1.3 for any listener: the server's certificate, and the function that makes transports which speak TLS
// (ListenerOptions::transport). Sockets are net/transport.h; how a connection lives with it, net/connection.h.
//
// What is agreed on: TLS 1.2 with ECDHE and an AEAD cipher, or TLS 1.3; no renegotiation, no compression, no early
// data; sessions are resumed by tickets, and nothing is remembered for them. See
// docs/decisions/0011-tls-and-connections.md.
#pragma once

#include <filesystem>
#include <memory>

#include "base/failure.h"
#include "base/metrics.h"
#include "net/errors.h"
#include "net/transport.h"

namespace iot::net {

/// PEM files.
struct TlsFiles {
  std::filesystem::path certificate;  ///< the server's, followed by the chain up to what clients know
  std::filesystem::path key;          ///< of the certificate; not encrypted, and closed to other users of the machine
  /// Authorities of which one must have signed a client's certificate; empty: any is taken, because it is its
  /// fingerprint that says who the client is.
  std::filesystem::path client_ca;
};

/// A client's certificate is never required: it may identify itself by other means.
enum class ClientCertificates {
  ignored,    ///< Not asked for. Browsers would bother their users with the question.
  requested,  ///< Asked for; see Transport::peer_certificate_sha256().
};

class TlsContext {
 public:
  /// Errc::certificate_unusable. `metrics` must outlive the last transport.
  static Result<std::shared_ptr<TlsContext>> load(const TlsFiles& files, Metrics& metrics);
  virtual ~TlsContext() = default;

  /// Takes what is in the files now for connections to come; those that are open go on with what they began with. If
  /// the files are unusable (Errc::certificate_unusable) everything stays as it is. Any thread.
  virtual Result<void> reload(const TlsFiles& files) = 0;

  /// Makes transports for accepted sockets, each with what was loaded last. The function shares the context.
  virtual MakeTransport transports(ClientCertificates client_certificates) = 0;
};

}  // namespace iot::net

// A connection's bytes over TLS, as a server. Made by TlsContext::transports() (net/tls.h); here for that and for its
// tests.
#pragma once

#include <memory>

#include "base/metrics.h"
#include "net/tls.h"
#include "net/transport.h"

struct ssl_ctx_st;

namespace iot::net {

struct TlsCounters {
  /// `metrics` must outlive every transport that counts here.
  explicit TlsCounters(Metrics& metrics);
  Counter& handshakes_done;
  Counter& handshakes_failed;
};

/// Takes over the socket; null (and the socket is closed) if memory does not suffice. The context is shared.
std::unique_ptr<Transport> make_tls_transport(PlainTransport socket, ssl_ctx_st& context,
                                              ClientCertificates client_certificates, TlsCounters counters);

}  // namespace iot::net

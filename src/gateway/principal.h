// From what a peer shows to who it is: the one place where gateways that keep connections open look at tokens and
// client certificates.
#pragma once

#include <optional>
#include <string_view>

#include "access/tokens.h"
#include "gateway/open_connections.h"

namespace iot::gateway {

/// The device or consumer that the token speaks for. Errors of access, among them access::Errc::revoked where
/// `snapshot` has no such subject or another key version.
Result<Principal> principal_of_token(const access::Tokens& tokens, std::string_view token, access::Audience audience,
                                     const registry::Snapshot& snapshot);

/// The device whose certificate the peer has proved to hold (net::Transport::peer_certificate_sha256()); nothing where
/// it showed none, or one that no device has.
std::optional<Principal> principal_of_certificate(std::string_view sha256, const registry::Snapshot& snapshot);

}  // namespace iot::gateway

// The tokens that one event loop has seen lately, so that a request of a known device costs a comparison and no lock.
// What the registry says of the device is asked for on every request: a rotated key takes effect on the next one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "access/tokens.h"
#include "base/clock.h"
#include "base/failure.h"
#include "registry/snapshot.h"

namespace iot::gateway {

/// Belongs to one thread.
class TokenMemo {
 public:
  /// `tokens` must outlive the object.
  explicit TokenMemo(const access::Tokens& tokens) noexcept : tokens_(tokens) {}

  /// The device that the token of an Authorization header speaks for; nothing if the header is missing or not of the
  /// form `Bearer <token>`. Errors of access, among them access::Errc::revoked if `snapshot` has no such device or
  /// another key version.
  std::optional<Result<DeviceId>> device_of(std::string_view header, const registry::Snapshot& snapshot, Timestamp now);

 private:
  struct Entry {
    /// The header's whole value: an equal one need not even be taken apart. Empty: no entry.
    std::string header;
    access::Identity identity;
    /// The snapshot in which the device was last found; 0 for none.
    std::uint64_t checked_version = 0;
  };

  Result<void> check_registry(Entry& entry, const registry::Snapshot& snapshot);

  const access::Tokens& tokens_;
  std::array<Entry, 256> entries_;
};

}  // namespace iot::gateway

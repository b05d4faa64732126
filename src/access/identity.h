// Who a token speaks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace iot::access {

/// The kind of a token: its `aud`. A token of one kind never passes for another.
enum class Audience : std::uint8_t { device, consumer, user };
std::string_view to_string(Audience audience) noexcept;

/// What a verified token says. That the subject still exists, and that `key_version` is its present one, is for the
/// caller to check against the registry's snapshot, on every request.
struct Identity {
  Audience audience = Audience::device;
  std::int64_t subject = 0;  ///< DeviceId, ConsumerId or UserId, by audience
  /// Counts rotations of the subject's key: a token with another one than the registry's is revoked.
  std::uint64_t key_version = 0;
  std::optional<Timestamp> expires;
};

/// Whether the token's key version is the subject's present one in the registry's snapshot; if not, it is revoked
/// (Errc::revoked). A legacy token (TokenOptions::accept_legacy) has version 0, which stands for a key never rotated.
constexpr bool is_current(const Identity& identity, std::uint64_t key_version) noexcept {
  return identity.key_version == key_version || (identity.key_version == 0 && key_version == 1);
}

}  // namespace iot::access

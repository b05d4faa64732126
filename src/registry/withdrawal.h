// What stopped counting with a change of the registry: keys, certificates and grants that open connections rest on.
// Whoever keeps connections open follows Registry::on_withdrawal and ends those that are named.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/fingerprint.h"
#include "base/ids.h"

namespace iot::registry {

/// Whose key it is.
enum class SubjectKind : std::uint8_t { device, consumer, user };

/// Tokens of earlier versions than `key_version` are void; if that is nothing, the subject is gone with all its keys
/// and certificates.
struct RevokedKey {
  SubjectKind kind = SubjectKind::device;
  std::int64_t id = 0;  ///< DeviceId, ConsumerId or UserId, by kind
  std::optional<std::uint64_t> key_version;

  friend bool operator==(const RevokedKey&, const RevokedKey&) = default;
};

/// Connections that came with this certificate end; those of the device's tokens stay.
struct RemovedCertificate {
  DeviceId device;
  Fingerprint fingerprint;

  friend bool operator==(const RemovedCertificate&, const RemovedCertificate&) = default;
};

/// Also where the sensor is gone. A consumer that is gone has a RevokedKey instead.
struct WithdrawnGrant {
  ConsumerId consumer;
  SensorId sensor;

  friend bool operator==(const WithdrawnGrant&, const WithdrawnGrant&) = default;
};

struct Withdrawal {
  std::vector<RevokedKey> keys;
  std::vector<RemovedCertificate> certificates;
  std::vector<WithdrawnGrant> grants;

  bool empty() const noexcept { return keys.empty() && certificates.empty() && grants.empty(); }
};

}  // namespace iot::registry

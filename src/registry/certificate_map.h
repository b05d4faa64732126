// Which device each client certificate stands for, as a persistent map: copies share what they have in common.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/fingerprint.h"
#include "base/ids.h"
#include "base/persistent_map.h"

namespace iot::registry {

class CertificateMap {
 public:
  std::size_t size() const noexcept { return size_; }

  std::optional<DeviceId> find(const Fingerprint& fingerprint) const noexcept {
    if (const auto* bucket = buckets_.find(prefix_of(fingerprint))) {
      for (const auto& [known, device] : *bucket) {
        if (known == fingerprint) return device;
      }
    }
    return {};
  }

  /// The certificate must not be there yet.
  void add(const Fingerprint& fingerprint, DeviceId device) {
    const Prefix prefix = prefix_of(fingerprint);
    const auto* found = buckets_.find(prefix);
    Bucket bucket = found ? *found : Bucket{};
    bucket.emplace_back(fingerprint, device);
    buckets_.set(prefix, std::move(bucket));
    ++size_;
  }

  /// The device that it stood for; nothing if it was not there.
  std::optional<DeviceId> erase(const Fingerprint& fingerprint) {
    const auto device = find(fingerprint);
    if (!device) return {};
    const Prefix prefix = prefix_of(fingerprint);
    Bucket bucket = *buckets_.find(prefix);
    std::erase(bucket, std::pair(fingerprint, *device));
    if (bucket.empty()) {
      buckets_.erase(prefix);
    } else {
      buckets_.set(prefix, std::move(bucket));
    }
    --size_;
    return device;
  }

  /// Calls visit(fingerprint, device) for each, in no order that means anything.
  template <class Visit>
  void for_each(Visit&& visit) const {
    buckets_.for_each([&](Prefix, const Bucket& bucket) {
      for (const auto& [fingerprint, device] : bucket) visit(fingerprint, device);
    });
  }

 private:
  // A fingerprint's first 64 bits. Two certificates that share them can be made on purpose, with some billions of
  // attempts: so each place holds a list, which is one long for all others.
  using Prefix = Id<struct FingerprintPrefixTag>;
  using Bucket = std::vector<std::pair<Fingerprint, DeviceId>>;

  static Prefix prefix_of(const Fingerprint& fingerprint) noexcept {
    Prefix prefix;
    std::memcpy(&prefix.value, fingerprint.bytes.data(), sizeof(prefix.value));
    return prefix;
  }

  PersistentMap<Prefix, Bucket> buckets_;
  std::size_t size_ = 0;
};

}  // namespace iot::registry

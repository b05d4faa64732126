// How much each device may send: token buckets that hold one second's worth. Thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"

namespace iot::gateway {

class DeviceRateLimiter {
 public:
  /// `per_s_max` of 0: no limit.
  explicit DeviceRateLimiter(double per_s_max) noexcept : per_s_max_(per_s_max) {}

  bool is_off() const noexcept { return per_s_max_ <= 0; }

  /// Takes `amount` from the device's bucket and returns zero; or, if there is not that much, takes nothing and says
  /// after which time it will be there. An amount above a second's worth waits for a full bucket and leaves a debt.
  std::chrono::nanoseconds take(DeviceId device, double amount, Clock::Steady now);

  /// How many devices are remembered.
  std::size_t devices();

 private:
  struct Bucket {
    double level = 0;
    Clock::Steady at;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<DeviceId, Bucket> buckets;
    std::size_t sweep_at = 1024;
  };

  void refill(Bucket& bucket, Clock::Steady now) const noexcept;
  void sweep(Shard& shard, Clock::Steady now) const;

  const double per_s_max_;
  std::array<Shard, 16> shards_;
};

}  // namespace iot::gateway

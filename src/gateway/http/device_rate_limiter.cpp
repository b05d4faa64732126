#include "gateway/http/device_rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace iot::gateway {

std::chrono::nanoseconds DeviceRateLimiter::take(DeviceId device, double amount, Clock::Steady now) {
  if (is_off()) return {};
  Shard& shard = shards_[std::hash<DeviceId>{}(device) % shards_.size()];
  const std::lock_guard lock(shard.mutex);
  if (shard.buckets.size() >= shard.sweep_at) sweep(shard, now);
  Bucket& bucket = shard.buckets.try_emplace(device, Bucket{std::max(per_s_max_, 1.0), now}).first->second;
  refill(bucket, now);
  const double needed = std::min(amount, std::max(per_s_max_, 1.0));
  if (bucket.level < needed) {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(std::ceil((needed - bucket.level) / per_s_max_ * 1e9)));
  }
  bucket.level -= amount;
  return {};
}

std::size_t DeviceRateLimiter::devices() {
  std::size_t count = 0;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.buckets.size();
  }
  return count;
}

void DeviceRateLimiter::refill(Bucket& bucket, Clock::Steady now) const noexcept {
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  if (seconds <= 0) return;
  // A rate below one a second still lets one through.
  bucket.level = std::min(bucket.level + seconds * per_s_max_, std::max(per_s_max_, 1.0));
  bucket.at = now;
}

/// A full bucket is as good as none; so memory follows the devices that are sending.
void DeviceRateLimiter::sweep(Shard& shard, Clock::Steady now) const {
  std::erase_if(shard.buckets, [&](const auto& entry) {
    Bucket bucket = entry.second;
    refill(bucket, now);
    return bucket.level >= std::max(per_s_max_, 1.0);
  });
  shard.sweep_at = std::max<std::size_t>(1024, 2 * shard.buckets.size());
}

}  // namespace iot::gateway

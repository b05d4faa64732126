#include "gateway/sending_limits.h"

#include <algorithm>
#include <cmath>

namespace iot::gateway {

namespace {

enum Kind : std::size_t { messages, readings, bytes, connects };

/// A rate below one a second still lets one through.
double capacity(double per_s_max) noexcept {
  return std::max(per_s_max, 1.0);
}

}  // namespace

SendingLimits::Scope SendingLimits::scope(const SendingRates& rates, const std::array<std::string_view, kinds>& names,
                                          Metrics& metrics) {
  Scope scope;
  scope.rates = {rates.messages_per_s_max, rates.readings_per_s_max, rates.bytes_per_s_max, rates.connects_per_s_max};
  scope.names = names;
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    if (names[kind].empty()) continue;
    scope.limited[kind] =
        &metrics.counter("iotplatform_gateway_limited_total", "How often a device could not send because of a limit",
                         {{"limit", std::string(names[kind])}});
  }
  return scope;
}

SendingLimits::SendingLimits(const SendingRates& of_a_device, const SendingRates& in_total, Metrics& metrics)
    : device_(scope(of_a_device,
                    {"gateway.device_messages_per_s_max", "gateway.device_readings_per_s_max",
                     "gateway.device_bytes_per_s_max", "gateway.device_connects_per_s_max"},
                    metrics)),
      // New connections in total are counted by the listeners, before anybody knows whose they are.
      total_(scope(in_total,
                   {"gateway.messages_per_s_max", "gateway.readings_per_s_max", "gateway.bytes_per_s_max", ""},
                   metrics)),
      is_off_(device_.is_off() && total_.is_off()),
      total_bucket_(total_.full({})) {}

SendingLimits::Bucket SendingLimits::Scope::full(Clock::Steady now) const noexcept {
  Bucket bucket{{}, now};
  for (std::size_t kind = 0; kind < kinds; ++kind) bucket.levels[kind] = capacity(rates[kind]);
  return bucket;
}

void SendingLimits::Scope::refill(Bucket& bucket, Clock::Steady now) const noexcept {
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  if (seconds <= 0) return;
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    bucket.levels[kind] = std::min(bucket.levels[kind] + seconds * rates[kind], capacity(rates[kind]));
  }
  bucket.at = now;
}

bool SendingLimits::Scope::is_full(Bucket bucket, Clock::Steady now) const noexcept {
  refill(bucket, now);
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    if (rates[kind] > 0 && bucket.levels[kind] < capacity(rates[kind])) return false;
  }
  return true;
}

std::optional<SendingLimits::Wait> SendingLimits::Scope::wait(Bucket& bucket, bool for_connection,
                                                              Clock::Steady now) const {
  refill(bucket, now);
  std::optional<Wait> longest;
  std::size_t of_kind = 0;
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    if (rates[kind] <= 0 || (kind == connects) != for_connection || bucket.levels[kind] >= 1) continue;
    const double seconds = (1 - bucket.levels[kind]) / rates[kind];
    const std::chrono::nanoseconds time(static_cast<std::int64_t>(std::ceil(seconds * 1e9)));
    if (longest && time <= longest->time) continue;
    longest = Wait{time, names[kind]};
    of_kind = kind;
  }
  if (longest) limited[of_kind]->Increment();
  return longest;
}

void SendingLimits::Scope::charge(Bucket& bucket, const Amounts& amounts, Clock::Steady now) const noexcept {
  refill(bucket, now);
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    if (rates[kind] > 0) bucket.levels[kind] -= amounts[kind];
  }
}

SendingLimits::Amounts SendingLimits::amounts_of(const Sent& sent) noexcept {
  return {sent.messages, sent.readings, sent.bytes, sent.connects};
}

std::optional<SendingLimits::Wait> SendingLimits::wait(DeviceId device, Clock::Steady now) {
  return wait(device, false, now);
}

std::optional<SendingLimits::Wait> SendingLimits::connect(DeviceId device, Clock::Steady now) {
  if (const auto refused = wait(device, true, now)) return refused;
  charge(device, {.connects = 1}, now);
  return {};
}

std::optional<SendingLimits::Wait> SendingLimits::wait(DeviceId device, bool for_connection, Clock::Steady now) {
  if (!device_.is_off()) {
    Shard& shard = shard_of(device);
    const std::lock_guard lock(shard.mutex);
    if (const auto found = device_.wait(bucket_of(shard, device, now), for_connection, now)) return found;
  }
  if (total_.is_off()) return {};
  const std::lock_guard lock(total_mutex_);
  return total_.wait(total_bucket_, for_connection, now);
}

void SendingLimits::charge(DeviceId device, const Sent& sent, Clock::Steady now) {
  const Amounts amounts = amounts_of(sent);
  if (!device_.is_off()) {
    Shard& shard = shard_of(device);
    const std::lock_guard lock(shard.mutex);
    device_.charge(bucket_of(shard, device, now), amounts, now);
  }
  if (total_.is_off()) return;
  const std::lock_guard lock(total_mutex_);
  total_.charge(total_bucket_, amounts, now);
}

std::size_t SendingLimits::devices() {
  std::size_t count = 0;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.buckets.size();
  }
  return count;
}

SendingLimits::Shard& SendingLimits::shard_of(DeviceId device) noexcept {
  return shards_[std::hash<DeviceId>{}(device) % shards_.size()];
}

SendingLimits::Bucket& SendingLimits::bucket_of(Shard& shard, DeviceId device, Clock::Steady now) {
  if (shard.buckets.size() >= shard.sweep_at) sweep(shard, now);
  return shard.buckets.try_emplace(device, device_.full(now)).first->second;
}

/// A full bucket is as good as none; so memory follows the devices that are sending.
void SendingLimits::sweep(Shard& shard, Clock::Steady now) const {
  std::erase_if(shard.buckets, [&](const auto& entry) { return device_.is_full(entry.second, now); });
  shard.sweep_at = std::max<std::size_t>(1024, 2 * shard.buckets.size());
}

}  // namespace iot::gateway

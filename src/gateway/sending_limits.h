// How much each device may send in a second, by all its connections over all protocols, and all devices together: token
// buckets that hold one second's worth. Thread-safe.
//
//   if (const auto wait = limits.wait(device, now)) ...refuse, or read on after wait->time
//   ... handle a message ...
//   limits.charge(device, {.messages = 1, .readings = 3, .bytes = 200}, now);
//
// Who has anything left may send a message, whatever is in it; what it takes too much is a debt that is waited off. So
// a rate holds over time, and is passed by no more than one message for each connection at once.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "base/metrics.h"

namespace iot::gateway {

/// In a second. 0: no limit.
struct SendingRates {
  double messages_per_s_max = 0;  ///< HTTP requests, WebSocket messages, MQTT publications
  double readings_per_s_max = 0;
  double bytes_per_s_max = 0;  ///< of messages as they came, after decompression
  double connects_per_s_max = 0;
};

/// What was sent.
struct Sent {
  double messages = 0;
  double readings = 0;
  double bytes = 0;
  double connects = 0;
};

class SendingLimits {
 public:
  SendingLimits(const SendingRates& of_a_device, const SendingRates& in_total, Metrics& metrics);

  /// Nothing is limited: nothing need be asked or told.
  bool is_off() const noexcept { return is_off_; }

  struct Wait {
    std::chrono::nanoseconds time;  ///< until there is something left
    std::string_view limit;         ///< the setting that is in the way
  };
  /// Whether the device may send nothing now, and why. Counted as limited.
  std::optional<Wait> wait(DeviceId device, Clock::Steady now);
  /// Whether it may make no connection; if it may, that is charged.
  std::optional<Wait> connect(DeviceId device, Clock::Steady now);
  void charge(DeviceId device, const Sent& sent, Clock::Steady now);

  /// How many devices are remembered.
  std::size_t devices();

 private:
  static constexpr std::size_t kinds = 4;
  using Amounts = std::array<double, kinds>;
  struct Bucket {
    Amounts levels;
    Clock::Steady at;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<DeviceId, Bucket> buckets;
    std::size_t sweep_at = 1024;
  };
  /// The rates of one scope, and what is counted when they are in the way.
  struct Scope {
    Amounts rates{};
    std::array<Counter*, kinds> limited{};
    std::array<std::string_view, kinds> names{};

    bool is_off() const noexcept { return rates == Amounts{}; }
    Bucket full(Clock::Steady now) const noexcept;
    void refill(Bucket& bucket, Clock::Steady now) const noexcept;
    bool is_full(Bucket bucket, Clock::Steady now) const noexcept;
    std::optional<Wait> wait(Bucket& bucket, bool connects, Clock::Steady now) const;
    void charge(Bucket& bucket, const Amounts& amounts, Clock::Steady now) const noexcept;
  };
  static Scope scope(const SendingRates& rates, const std::array<std::string_view, kinds>& names, Metrics& metrics);
  static Amounts amounts_of(const Sent& sent) noexcept;

  std::optional<Wait> wait(DeviceId device, bool connects, Clock::Steady now);
  Shard& shard_of(DeviceId device) noexcept;
  /// Of a locked shard.
  Bucket& bucket_of(Shard& shard, DeviceId device, Clock::Steady now);
  void sweep(Shard& shard, Clock::Steady now) const;

  const Scope device_;
  const Scope total_;
  const bool is_off_;
  std::array<Shard, 16> shards_;
  std::mutex total_mutex_;
  Bucket total_bucket_;
};

}  // namespace iot::gateway

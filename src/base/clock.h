// Time as a value: nobody below the edges asks the machine what time it is, so tests drive it.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>

namespace iot {

/// A moment: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
struct Timestamp {
  std::int64_t ns = 0;
  constexpr auto operator<=>(const Timestamp&) const = default;
};

/// The first and the last moment that a reading may have (included): what Elasticsearch's date_nanos can hold.
inline constexpr Timestamp timestamp_min{0};
inline constexpr Timestamp timestamp_max{9'223'372'036'854'775'807};

/// Where the time comes from. Implementations may be called from any thread.
class Clock {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  /// The time of day. May jump.
  virtual Timestamp now() const noexcept = 0;
  /// For deadlines and durations. Never goes back.
  virtual Steady steady_now() const noexcept = 0;
};

/// The machine's clock. Lives as long as the program.
const Clock& system_clock() noexcept;

/// A clock that moves only when told to.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = Timestamp{1'526'717'967'000'000'000}) noexcept : now_ns_(start.ns) {}

  Timestamp now() const noexcept override { return {now_ns_.load()}; }
  Steady steady_now() const noexcept override { return Steady(std::chrono::nanoseconds(steady_ns_.load())); }

  void advance(std::chrono::nanoseconds duration) noexcept {
    now_ns_ += duration.count();
    steady_ns_ += duration.count();
  }
  void set(Timestamp now) noexcept { now_ns_ = now.ns; }

 private:
  std::atomic<std::int64_t> now_ns_;
  std::atomic<std::int64_t> steady_ns_{1'000'000'000};
};

}  // namespace iot

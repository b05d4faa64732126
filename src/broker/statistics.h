// What a broker counts: the numbers behind `$SYS` and the metrics.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace iot::broker {

/// Counts of what goes over connections, kept by each event loop for itself and added up now and then.
struct TrafficCounts {
  std::uint64_t bytes_received = 0, bytes_sent = 0;
  std::uint64_t packets_received = 0, packets_sent = 0;
  std::uint64_t publications_received = 0, publications_sent = 0;
  std::uint64_t publications_refused = 0;  ///< for their topic
  std::uint64_t too_large = 0;             ///< messages larger than their subscriber takes
};

/// The limits of the broker (BrokerLimits), of which operators see how often they were in the way.
enum class Limit : std::uint8_t {
  queue,  ///< of one session
  queued_bytes_per_owner,
  queued_bytes,
  sessions_per_owner,
  sessions,
  subscriptions_per_session,
  subscriptions,
  retained_messages_per_root,
  retained_messages,
  retained_bytes,
};
inline constexpr std::size_t limit_count = 10;

/// Any thread.
struct Statistics {
  using Counter = std::atomic<std::uint64_t>;

  Counter bytes_received{0}, bytes_sent{0};
  Counter packets_received{0}, packets_sent{0};
  Counter publications_received{0}, publications_sent{0};
  Counter publications_refused{0};
  Counter too_large{0};
  Counter dropped_full{0};     ///< messages that found no room in a session's queue
  Counter dropped_expired{0};  ///< messages past their time
  Counter sessions_expired{0};
  Counter sessions_taken_over{0};
  std::array<Counter, limit_count> limits_reached{};

  void reached(Limit limit) noexcept { ++limits_reached[static_cast<std::size_t>(limit)]; }

  /// Adds the counts and sets them to zero.
  void add(TrafficCounts& counts) noexcept {
    bytes_received += counts.bytes_received;
    bytes_sent += counts.bytes_sent;
    packets_received += counts.packets_received;
    packets_sent += counts.packets_sent;
    publications_received += counts.publications_received;
    publications_sent += counts.publications_sent;
    publications_refused += counts.publications_refused;
    too_large += counts.too_large;
    counts = {};
  }
};

/// The present state.
struct BrokerCounts {
  std::size_t sessions = 0, connected = 0, connected_most = 0;
  std::size_t subscriptions = 0;
  std::size_t retained = 0, retained_bytes = 0;
  std::size_t queued_bytes = 0;
};

}  // namespace iot::broker

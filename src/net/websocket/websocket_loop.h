// What the WebSocket connections of one event loop share, besides what every protocol's do (net/connection_loop.h).
// Belongs to that loop's thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/metrics.h"
#include "net/connection_loop.h"
#include "net/websocket/message_deflate.h"

namespace iot::net {

struct WebSocketLimits {
  std::size_t message_bytes_max = 16u << 20;    ///< as sent and decompressed; 1009
  std::size_t buffered_bytes_max = 512u << 20;  ///< of all connections' messages; past it 1013
  std::size_t connections_max = 100'000;        ///< further upgrades are told 503
  std::chrono::seconds ping_s{30};              ///< of silence, after which the peer is asked for a sign of life
  std::chrono::seconds timeout_s{90};           ///< of silence, after which the connection is closed; more than ping_s
  std::chrono::seconds message_s{60};           ///< from a message's first byte to its last
  std::chrono::seconds write_s{60};             ///< for the peer to take anything of what is sent to it
};

/// Counts of one loop since the last flush: a message costs no atomic operation.
struct WebSocketCounts {
  std::uint64_t messages = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  /// Silence, a message that does not end, a peer that takes nothing.
  std::array<std::uint64_t, 3> timeouts{};
};
enum class WebSocketTimeout : std::size_t { silence, message, write };

/// Thread-safe.
class WebSocketMetrics {
 public:
  /// `metrics` must outlive the object.
  explicit WebSocketMetrics(Metrics& metrics);

  /// Adds `counts` and sets them to zero.
  void flush(WebSocketCounts& counts);
  /// A connection that we close, by its code.
  void closed(unsigned code);
  Gauge& connections() noexcept { return connections_; }

 private:
  Metrics& metrics_;
  Counter& messages_;
  Counter& received_bytes_;
  Counter& sent_bytes_;
  std::array<Counter*, 3> timeouts_;
  Gauge& connections_;
};

class WebSocketLoop final : public ConnectionLoop {
 public:
  /// `its_limits` and `its_metrics` must outlive the loop. `loops` is how many there are, for its part of the limits.
  WebSocketLoop(const LoopPlace& place, const WebSocketLimits& its_limits, WebSocketMetrics& its_metrics,
                std::size_t loops);
  void tick() override;

  const WebSocketLimits& limits;
  WebSocketMetrics& metrics;
  WebSocketCounts counts;
  MessageInflater inflater;
  MessageDeflater deflater;
  /// What is compressed on its way out; empty between the calls.
  std::string deflated;
};

}  // namespace iot::net

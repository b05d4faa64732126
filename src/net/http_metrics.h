// What an HTTP server counts; what its listener counts is in net/listener.cpp. Connections count into plain numbers of
// their loop, which are added to the shared counters a few times a second: a request costs no atomic operation.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/metrics.h"

namespace iot::net {

enum class Timeout { idle, request, write };

/// Counts of one loop since the last flush.
struct HttpCounts {
  std::array<std::uint64_t, 5> answers_by_class{};  ///< 1xx to 5xx
  std::array<std::uint64_t, 3> timeouts{};
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
};

/// The counters of a listener. flush() and refused() may be called from any thread.
class HttpMetrics {
 public:
  /// `metrics` must outlive the object.
  HttpMetrics(Metrics& metrics, const std::string& listener);

  /// Adds `counts` and sets them to zero.
  void flush(HttpCounts& counts);
  /// A request that never reached the handler, by its status.
  void refused(unsigned status);
  Gauge& connections() noexcept { return connections_; }

 private:
  Metrics& metrics_;
  std::string listener_;
  std::array<Counter*, 5> answers_by_class_;
  std::array<Counter*, 3> timeouts_;
  Counter& received_bytes_;
  Counter& sent_bytes_;
  Gauge& connections_;
};

}  // namespace iot::net

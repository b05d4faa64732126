// What a run counted.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "bench/histogram.h"

namespace iot::bench {

struct Tally {
  std::uint64_t sent = 0;
  /// Answered with a yes; where messages have no answers, sent before a barrier that was answered.
  std::uint64_t taken = 0;
  std::uint64_t refused = 0;
  /// Sent and never answered: their connection ended, or the answer did not come in time.
  std::uint64_t unanswered = 0;
  /// What went wrong, by its name: refusals, and ends of connections.
  std::map<std::string, std::uint64_t> faults;
  /// From when a message was due to its answer.
  LatencyHistogram latency;
  std::uint64_t delivered = 0;
  /// From when a message was due to its delivery to a subscriber.
  LatencyHistogram delivery;
  /// When the last of what is counted happened; steady_ns().
  std::int64_t end_ns = 0;

  void merge(const Tally& other);
};

}  // namespace iot::bench

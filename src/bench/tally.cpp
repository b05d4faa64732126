#include "bench/tally.h"

#include <algorithm>

namespace iot::bench {

void Tally::merge(const Tally& other) {
  sent += other.sent;
  taken += other.taken;
  refused += other.refused;
  unanswered += other.unanswered;
  for (const auto& [name, count] : other.faults) faults[name] += count;
  latency.merge(other.latency);
  delivered += other.delivered;
  delivery.merge(other.delivery);
  end_ns = std::max(end_ns, other.end_ns);
}

}  // namespace iot::bench

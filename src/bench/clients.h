// The clients of a run, as the options describe them.
#pragma once

#include <vector>

#include "bench/crowd.h"
#include "bench/devices.h"
#include "bench/options.h"

namespace iot::bench {

struct ClientPlan {
  const Options& options;
  Target target;
  /// Empty with --plain-broker.
  std::vector<Device> devices;
  /// Subscribers' token where it is not the device's.
  std::string reader_token;
  /// The first moment of all readings; fresh for each run.
  std::int64_t begin_ns = 0;
};

/// Those that send, or do nothing: connection n is device n modulo their number.
std::vector<Crowd::Member> make_senders(const ClientPlan& plan);
/// The publisher, and after it the subscribers.
std::vector<Crowd::Member> make_fan_out(const ClientPlan& plan);

}  // namespace iot::bench

// When the messages of an open loop are due: at fixed times, whatever the server does, so that a latency which counts
// from there holds the waiting that a slow answer causes to those behind it (coordinated omission cannot hide it).
//
// Values; times are nanoseconds of whatever clock the start is from.
#pragma once

#include <cstdint>

namespace iot::bench {

class Schedule {
 public:
  /// `per_second` above 0. Of `shares` generators that share the rate, this one has every shares-th message, beginning
  /// with number `share` (from 0).
  Schedule(double per_second, std::int64_t start_ns, std::uint64_t share = 0, std::uint64_t shares = 1) noexcept
      : ns_each_(1e9 / per_second), start_ns_(start_ns), share_(share), shares_(shares) {}

  /// When this generator's n-th message (from 0) is due. Computed anew each time: no error adds up.
  std::int64_t due_ns(std::uint64_t n) const noexcept {
    return start_ns_ + static_cast<std::int64_t>(static_cast<double>(n * shares_ + share_) * ns_each_);
  }

 private:
  double ns_each_;
  std::int64_t start_ns_;
  std::uint64_t share_, shares_;
};

}  // namespace iot::bench

// Which of very many things go, the oldest first, until enough bytes are free: by three walks over them rather than a
// list, as there may be more than memory for it. First see() for each, then count(), then goes().
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace iot::store {

class OldestFirst {
 public:
  void see(std::int64_t last_ns) noexcept {
    oldest_ns_ = std::min(oldest_ns_, last_ns);
    newest_ns_ = std::max(newest_ns_, last_ns);
  }
  bool empty() const noexcept { return oldest_ns_ > newest_ns_; }

  /// After see() for all.
  void measure() noexcept {
    bucket_ns_ = (static_cast<std::uint64_t>(newest_ns_) - static_cast<std::uint64_t>(oldest_ns_)) / buckets + 1;
  }
  void count(std::int64_t last_ns, std::uint64_t bytes) noexcept { bytes_[bucket_of(last_ns)] += bytes; }

  /// After count() for all: so many bytes are to go.
  void want(std::uint64_t bytes) noexcept {
    // All of the buckets before the last one go, and of that as much as is still wanted.
    wanted_of_last_ = bytes;
    while (last_ + 1 < buckets && bytes_[last_] < wanted_of_last_) wanted_of_last_ -= bytes_[last_++];
  }
  bool goes(std::int64_t last_ns, std::uint64_t bytes) noexcept {
    const std::uint64_t bucket = bucket_of(last_ns);
    if (bucket > last_ || (bucket == last_ && wanted_of_last_ == 0)) return false;
    if (bucket == last_) wanted_of_last_ -= std::min(wanted_of_last_, bytes);
    return true;
  }

 private:
  /// How finely ages are told apart.
  static constexpr std::size_t buckets = 4'096;

  std::uint64_t bucket_of(std::int64_t last_ns) const noexcept {
    return (static_cast<std::uint64_t>(last_ns) - static_cast<std::uint64_t>(oldest_ns_)) / bucket_ns_;
  }

  std::int64_t oldest_ns_ = INT64_MAX;
  std::int64_t newest_ns_ = INT64_MIN;
  std::uint64_t bucket_ns_ = 1;
  std::array<std::uint64_t, buckets> bytes_{};
  std::uint64_t last_ = 0;
  std::uint64_t wanted_of_last_ = 0;
};

}  // namespace iot::store

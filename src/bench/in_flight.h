// The messages of one connection that wait for their answer: which numbers are free for the next one, and when each was
// due. A number is 1 to the window, so that it serves as MQTT's packet id.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <vector>

namespace iot::bench {

class InFlight {
 public:
  /// At least 1 and at most 65,535.
  explicit InFlight(std::size_t window) : due_ns_(window + 1, none) {
    free_.reserve(window);
    refill();
  }

  bool is_full() const noexcept { return free_.empty(); }
  std::size_t count() const noexcept { return due_ns_.size() - 1 - free_.size(); }

  /// The number of a message that is sent now. Not when full.
  std::uint16_t begin(std::int64_t due_ns) {
    assert(!is_full());
    const std::uint16_t number = free_.back();
    free_.pop_back();
    due_ns_[number] = due_ns;
    return number;
  }
  /// When the answered message was due; nothing if no message of this number waits.
  std::optional<std::int64_t> end(std::uint16_t number) {
    if (number == 0 || number >= due_ns_.size() || due_ns_[number] == none) return std::nullopt;
    const auto due = due_ns_[number];
    due_ns_[number] = none;
    free_.push_back(number);
    return due;
  }

 private:
  static constexpr std::int64_t none = INT64_MIN;

  void refill() {
    for (std::size_t number = due_ns_.size() - 1; number > 0; --number)
      free_.push_back(static_cast<std::uint16_t>(number));
  }

  std::vector<std::int64_t> due_ns_;
  std::vector<std::uint16_t> free_;
};

/// The same where answers come in the order of the messages.
class InOrder {
 public:
  explicit InOrder(std::size_t window) : due_ns_(window) {}

  bool is_full() const noexcept { return count_ == due_ns_.size(); }
  std::size_t count() const noexcept { return count_; }

  void begin(std::int64_t due_ns) {
    assert(!is_full());
    due_ns_[(first_ + count_++) % due_ns_.size()] = due_ns;
  }
  std::optional<std::int64_t> end() {
    if (count_ == 0) return std::nullopt;
    const auto due = due_ns_[first_];
    first_ = (first_ + 1) % due_ns_.size();
    --count_;
    return due;
  }

 private:
  std::vector<std::int64_t> due_ns_;
  std::size_t first_ = 0, count_ = 0;
};

}  // namespace iot::bench

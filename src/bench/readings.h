// The payload of a message: readings as JSON, written once, of which afterwards only the digits change. All of a run
// are different, so that nothing is taken for a repetition.
//
// Belongs to one connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace iot::bench {

/// Where a connection's readings lie in time among those of all connections: they may share a sensor and still never
/// have a moment in common.
struct ReadingTimes {
  /// The first moment of the run. All moments have 19 digits: from 2001-09-09 on.
  std::int64_t begin_ns = 0;
  std::uint64_t connection = 0;
  std::uint64_t connections = 1;
};

class ReadingPayload {
 public:
  /// Time between two readings of one connection.
  static constexpr std::int64_t spacing_ns = 10'000'000;

  /// One object, or an array where there are several. `count` at least 1.
  ReadingPayload(std::string_view sensor, std::size_t count, const ReadingTimes& times);

  /// Writes the next readings into text(), whose size and all else never change.
  void next() noexcept;
  /// The same, but the (first) reading has this time: for those who want to know when it was sent.
  void next_at(std::int64_t time_ns) noexcept;
  std::string_view text() const noexcept { return text_; }

 private:
  void write_value(char* digits) noexcept;

  std::string text_;
  std::vector<std::size_t> times_at_, values_at_;
  std::int64_t time_ns_;
  std::uint64_t random_;
  std::uint32_t walk_ = 500'000;
};

/// When next_at() said, out of a payload: its first number of 19 digits, or else the moment of its "timestamp", which
/// is how the platform passes readings on. -1 if there is neither.
std::int64_t time_in(std::string_view payload) noexcept;

}  // namespace iot::bench

// Which queries took so little time that handing them to another thread and back costs more than they do: a dashboard
// asks the same again and again, and what was short the last time is short the next time.
//
// Any thread; a fixed amount of memory. A wrong guess costs time, nothing else.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace iot::api {

class ShortQueries {
 public:
  /// Queries up to `short_max` are short; with 0 none is.
  explicit ShortQueries(std::chrono::microseconds short_max) : short_max_(short_max) {}

  /// A query's name here. Numbers in the body count by their length alone: the times in it change with every refresh.
  static std::uint64_t key_of(std::string_view path, std::string_view body) noexcept;

  bool was_short(std::uint64_t key) const noexcept;
  void note(std::uint64_t key, std::chrono::nanoseconds taken) noexcept;

 private:
  static constexpr std::size_t slots = 1024;

  const std::chrono::microseconds short_max_;
  /// The keys of queries that were short; a slot holds one.
  std::array<std::atomic<std::uint64_t>, slots> short_{};
};

}  // namespace iot::api

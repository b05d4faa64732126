// Keeps a table whose rows are numbered one after the other within a number of rows: the oldest go.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace iot::registry {

class Pruner {
 public:
  /// `first` is the number of the oldest row; `rows_max` at least 1.
  Pruner(std::int64_t first, std::size_t rows_max) noexcept
      : first_(first), rows_max_(static_cast<std::int64_t>(rows_max)) {}

  /// With `last` the newest row: the number up to which rows must go, or nothing. It asks for some more than it must,
  /// so that it need not ask each time.
  std::optional<std::int64_t> due(std::int64_t last) noexcept {
    if (last - first_ < rows_max_) return {};
    constexpr std::int64_t spare_max = 1'000;
    const std::int64_t cut = last - rows_max_ + std::min(rows_max_ / 16, spare_max);
    first_ = cut + 1;
    return cut;
  }

 private:
  std::int64_t first_;
  std::int64_t rows_max_;
};

}  // namespace iot::registry

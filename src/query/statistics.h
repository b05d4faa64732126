// Count, minimum, maximum and sum of many numbers, quickly and with little error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace iot::query {

struct Statistics {
  std::uint64_t count = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  void add(const double* values, std::size_t size) noexcept;
  void add_known(std::uint64_t more, double lowest, double highest, double sum_of_them) noexcept;
  void add(const Statistics& other) noexcept;
  double sum() const noexcept;
  double average() const noexcept { return sum() / static_cast<double>(count); }

 private:
  void add_to_sum(double value) noexcept;

  double sum_ = 0;
  double lost_ = 0;  ///< what rounding has taken from sum_ (Kahan and Neumaier)
};

}  // namespace iot::query

#include "query/statistics.h"

#include <array>
#include <cmath>

namespace iot::query {

void Statistics::add_to_sum(double value) noexcept {
  const double next = sum_ + value;
  lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
  sum_ = next;
}

void Statistics::add(const double* values, std::size_t size) noexcept {
  // Eight sums side by side, each with its own compensation: the compiler keeps them in vector registers, and the order
  // of the additions does not depend on the machine.
  constexpr std::size_t lanes = 8;
  count += size;
  std::size_t i = 0;
  if (size >= 4 * lanes) {
    std::array<double, lanes> sums{}, lost{}, low, high;
    low.fill(min);
    high.fill(max);
    for (; i + lanes <= size; i += lanes) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double value = values[i + lane];
        const double corrected = value - lost[lane];
        const double next = sums[lane] + corrected;
        lost[lane] = (next - sums[lane]) - corrected;
        sums[lane] = next;
        low[lane] = value < low[lane] ? value : low[lane];
        high[lane] = value > high[lane] ? value : high[lane];
      }
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      add_to_sum(sums[lane]);
      add_to_sum(-lost[lane]);
      min = low[lane] < min ? low[lane] : min;
      max = high[lane] > max ? high[lane] : max;
    }
  }
  for (; i < size; ++i) {
    add_to_sum(values[i]);
    min = values[i] < min ? values[i] : min;
    max = values[i] > max ? values[i] : max;
  }
}

void Statistics::add_known(std::uint64_t more, double lowest, double highest, double sum_of_them) noexcept {
  if (more == 0) return;
  count += more;
  min = lowest < min ? lowest : min;
  max = highest > max ? highest : max;
  add_to_sum(sum_of_them);
}

double Statistics::sum() const noexcept {
  const double corrected = sum_ + lost_;
  // Where the sum has left the range of doubles, what was lost is not a number.
  return std::isfinite(corrected) ? corrected : sum_;
}

}  // namespace iot::query

// Count, extremes, sum, sum of squares and variance of many numbers, without the cancellation that "squares less the
// square of the sum" suffers where numbers lie far from 0 (T. Chan, G. Golub, R. LeVeque, "Algorithms for computing the
// sample variance", 1983).
//
// Without squares: statistics.h.
#pragma once

#include <cstddef>
#include <vector>

#include "query/statistics.h"

namespace iot::query {

class Moments {
 public:
  /// `scratch` is space for the squares.
  void add(const double* values, std::size_t size, std::vector<double>& scratch);

  const Statistics& statistics() const noexcept { return values_; }
  double sum_of_squares() const noexcept { return squares_.sum(); }
  /// Of the numbers as a whole population.
  double variance_population() const noexcept { return deviations_ / static_cast<double>(values_.count); }
  /// Of the numbers as a sample of a larger population; NaN for one number. Neither is for none.
  double variance_sampling() const noexcept;

 private:
  Statistics values_;
  Statistics squares_;
  double origin_ = 0;      ///< the first number: close to the others, so that distances to it keep their digits
  double mean_ = 0;        ///< of the distances to origin_
  double deviations_ = 0;  ///< the sum of the squared distances to the mean
};

}  // namespace iot::query

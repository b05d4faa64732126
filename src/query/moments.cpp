#include "query/moments.h"

namespace iot::query {

void Moments::add(const double* values, std::size_t size, std::vector<double>& scratch) {
  if (size == 0) return;
  if (values_.count == 0) origin_ = values[0];
  scratch.resize(size);
  for (std::size_t i = 0; i < size; ++i) scratch[i] = values[i] - origin_;
  Statistics here;
  here.add(scratch.data(), size);
  const double mean = here.average();
  double deviations = 0;
  double drift = 0;  // what rounding of the mean leaves
  for (std::size_t i = 0; i < size; ++i) {
    const double distance = scratch[i] - mean;
    deviations += distance * distance;
    drift += distance;
    scratch[i] = values[i] * values[i];
  }
  const auto more = static_cast<double>(size);
  deviations -= drift * drift / more;

  const auto before = static_cast<double>(values_.count);
  const double step = mean - mean_;
  deviations_ += deviations + step * step * (before * more / (before + more));
  mean_ += step * (more / (before + more));
  squares_.add(scratch.data(), size);
  values_.add(values, size);
}

double Moments::variance_sampling() const noexcept {
  return deviations_ / (static_cast<double>(values_.count) - 1);
}

}  // namespace iot::query

// Quantiles of many numbers in bounded memory: exact up to 16,384 numbers, a merging t-digest beyond
// (T. Dunning, O. Ertl, "Computing extremely accurate quantiles using t-digests", 2019), whose error in rank is then
// below 1/1000 in the middle and falls towards both ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace iot::query {

class QuantileSketch {
 public:
  /// Numbers kept as they are.
  static constexpr std::size_t exact_max = 16'384;

  void add(const double* values, std::size_t size);
  /// All numbers of another; exact if there are few enough of both and both are exact.
  void add(const QuantileSketch& other);
  std::uint64_t count() const noexcept { return merged_count_ + waiting_.size(); }
  bool is_exact() const noexcept { return merged_count_ == 0; }
  std::size_t memory_bytes() const noexcept;

  /// `fraction` from 0 to 1; linear between neighbours (Hyndman and Fan's type 7 while exact). Not for an empty sketch.
  double quantile(double fraction);

 private:
  struct Centroid {
    double mean;
    double weight;
  };
  void merge();
  void compress(const std::vector<Centroid>& all);

  std::vector<double> waiting_;
  bool sorted_ = false;
  std::vector<Centroid> centroids_;
  std::uint64_t merged_count_ = 0;
  double min_ = 0;
  double max_ = 0;
};

}  // namespace iot::query

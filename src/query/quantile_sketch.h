// Quantiles of many numbers in bounded memory: exact up to 16,384 numbers, a merging t-digest beyond
// (T. Dunning, O. Ertl, "Computing extremely accurate quantiles using t-digests", 2019), whose error in rank is then
// below 1/1000 in the middle and falls towards both ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

  // As quantile(), not for an empty sketch. What is said of single numbers is exact while is_exact(), and else holds of
  // the digest's centroids.
  double smallest();
  double largest();
  /// The part of the numbers that lies below `value`, from 0 to 1, counting those equal to it by half and linear
  /// between neighbours: as Elasticsearch's digest counts while it is exact.
  double fraction_below(double value);
  /// The median of the distances to the median.
  double median_absolute_deviation();
  /// The smallest number that is not below `bound`; the largest one if all are.
  double first_from(double bound);
  /// The largest number that is not above `bound`; the smallest one if all are.
  double last_up_to(double bound);

 private:
  struct Centroid {
    double mean;
    double weight;
  };
  void merge();
  void compress(const std::vector<Centroid>& all);
  /// Sorted, and merged unless exact: what the questions below need.
  void settle();
  double find_deviation();
  double exact_fraction_below(double value) const;
  double digest_fraction_below(double value) const;

  std::optional<double> deviation_;  ///< once asked for: orders of buckets ask again and again
  std::vector<double> waiting_;
  bool sorted_ = false;
  std::vector<Centroid> centroids_;
  std::uint64_t merged_count_ = 0;
  double min_ = 0;
  double max_ = 0;
};

}  // namespace iot::query

#include "query/quantile_sketch.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace iot::query {
namespace {

/// The digest's compression: at most about this many centroids.
constexpr double compression = 1000;

/// The scale function k1 and its inverse: centroids at the ends stay small.
double scale(double fraction) {
  return compression / (2 * std::numbers::pi) * std::asin(2 * fraction - 1);
}
double unscale(double k) {
  const double angle = std::clamp(2 * std::numbers::pi * k / compression, -std::numbers::pi / 2, std::numbers::pi / 2);
  return (std::sin(angle) + 1) / 2;
}

}  // namespace

std::size_t QuantileSketch::memory_bytes() const noexcept {
  return waiting_.capacity() * sizeof(double) + centroids_.capacity() * sizeof(Centroid);
}

void QuantileSketch::add(const double* values, std::size_t size) {
  while (size > 0) {
    // Merged whenever exactly so many wait: the result depends on the numbers' order, not on how they came in blocks.
    const std::size_t room = exact_max - waiting_.size();
    const std::size_t taken = std::min(room, size);
    waiting_.insert(waiting_.end(), values, values + taken);
    sorted_ = false;
    values += taken;
    size -= taken;
    if (waiting_.size() == exact_max && size > 0) merge();
  }
}

void QuantileSketch::add(const QuantileSketch& other) {
  if (!other.is_exact()) {
    merge();
    min_ = merged_count_ == 0 ? other.min_ : std::min(min_, other.min_);
    max_ = merged_count_ == 0 ? other.max_ : std::max(max_, other.max_);
    std::vector<Centroid> all(centroids_.size() + other.centroids_.size());
    std::merge(centroids_.begin(), centroids_.end(), other.centroids_.begin(), other.centroids_.end(), all.begin(),
               [](const Centroid& a, const Centroid& b) { return a.mean < b.mean; });
    merged_count_ += other.merged_count_;
    compress(all);
  }
  add(other.waiting_.data(), other.waiting_.size());
}

void QuantileSketch::merge() {
  if (waiting_.empty()) return;
  std::sort(waiting_.begin(), waiting_.end());
  min_ = merged_count_ == 0 ? waiting_.front() : std::min(min_, waiting_.front());
  max_ = merged_count_ == 0 ? waiting_.back() : std::max(max_, waiting_.back());
  std::vector<Centroid> all;
  all.reserve(waiting_.size() + centroids_.size());
  auto next = centroids_.begin();
  for (const double value : waiting_) {
    while (next != centroids_.end() && next->mean < value) all.push_back(*next++);
    all.push_back({value, 1});
  }
  all.insert(all.end(), next, centroids_.end());
  merged_count_ += waiting_.size();
  waiting_.clear();
  compress(all);
}

void QuantileSketch::compress(const std::vector<Centroid>& all) {
  const auto total = static_cast<double>(merged_count_);
  std::vector<Centroid> merged;
  Centroid current = all.front();
  double before = 0;
  double limit = total * unscale(scale(0) + 1);
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (before + current.weight + all[i].weight <= limit) {
      current.weight += all[i].weight;
      current.mean += (all[i].mean - current.mean) * all[i].weight / current.weight;
      continue;
    }
    before += current.weight;
    limit = total * unscale(scale(before / total) + 1);
    merged.push_back(current);
    current = all[i];
  }
  merged.push_back(current);
  centroids_ = std::move(merged);
}

double QuantileSketch::quantile(double fraction) {
  if (is_exact()) {
    if (!sorted_) std::sort(waiting_.begin(), waiting_.end());
    sorted_ = true;
    const double index = fraction * static_cast<double>(waiting_.size() - 1);
    const auto low = static_cast<std::size_t>(index);
    if (low + 1 >= waiting_.size()) return waiting_.back();
    return waiting_[low] + (index - static_cast<double>(low)) * (waiting_[low + 1] - waiting_[low]);
  }
  merge();
  const double rank = fraction * static_cast<double>(merged_count_ - 1);
  // Each centroid stands at the middle of the ranks it covers; the smallest and the largest number stand at the ends.
  double before = 0;
  double last_rank = 0;
  double last_value = min_;
  for (const Centroid& centroid : centroids_) {
    const double middle = before + (centroid.weight - 1) / 2;
    if (rank <= middle) {
      if (middle <= last_rank) return centroid.mean;
      return last_value + (centroid.mean - last_value) * (rank - last_rank) / (middle - last_rank);
    }
    last_rank = middle;
    last_value = centroid.mean;
    before += centroid.weight;
  }
  const auto last = static_cast<double>(merged_count_ - 1);
  if (last <= last_rank) return max_;
  return last_value + (max_ - last_value) * (rank - last_rank) / (last - last_rank);
}

}  // namespace iot::query

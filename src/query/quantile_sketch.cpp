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
  deviation_.reset();
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

void QuantileSketch::settle() {
  if (!is_exact()) return merge();
  if (!sorted_) std::sort(waiting_.begin(), waiting_.end());
  sorted_ = true;
}

double QuantileSketch::smallest() {
  settle();
  return is_exact() ? waiting_.front() : min_;
}

double QuantileSketch::largest() {
  settle();
  return is_exact() ? waiting_.back() : max_;
}

double QuantileSketch::quantile(double fraction) {
  settle();
  if (is_exact()) {
    const double index = fraction * static_cast<double>(waiting_.size() - 1);
    const auto low = static_cast<std::size_t>(index);
    if (low + 1 >= waiting_.size()) return waiting_.back();
    return waiting_[low] + (index - static_cast<double>(low)) * (waiting_[low + 1] - waiting_[low]);
  }
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

double QuantileSketch::exact_fraction_below(double value) const {
  if (value < waiting_.front()) return 0;
  if (value > waiting_.back()) return 1;
  const auto total = static_cast<double>(waiting_.size());
  const auto [first, last] = std::equal_range(waiting_.begin(), waiting_.end(), value);
  const double half = static_cast<double>(last - first) / 2;
  if (first == waiting_.begin()) return half / total;
  if (last == waiting_.end()) return (total - half) / total;
  // As Elasticsearch's digest has it while each number stands on its own: a number reaches half way to both its
  // neighbours, and the part of that below `value` counts. So of equal numbers all but the last are below.
  auto own = std::prev(last);
  if (value >= *own + (*last - *own) / 2) ++own;
  const auto before = static_cast<double>(own - waiting_.begin());
  const bool is_first = own == waiting_.begin();
  const bool is_last = own + 1 == waiting_.end();
  // The first and the last one reach as far outwards as inwards.
  const double left = ((is_first ? *(own + 1) : *own) - (is_first ? *own : *std::prev(own))) / 2;
  const double right = is_last ? left : (*(own + 1) - *own) / 2;
  return (before + (value - (*own - left)) / (left + right)) / total;
}

double QuantileSketch::digest_fraction_below(double value) const {
  if (value < min_) return 0;
  if (value > max_) return 1;
  const auto total = static_cast<double>(merged_count_);
  // Each centroid stands at the middle of the ranks it covers, as in quantile().
  double before = 0;
  double last_rank = 0;
  double last_value = min_;
  double equal = 0;
  for (const Centroid& centroid : centroids_) {
    if (centroid.mean == value) {
      equal += centroid.weight;
    } else if (centroid.mean < value) {
      last_rank = before + (centroid.weight - 1) / 2;
      last_value = centroid.mean;
    } else {
      if (equal > 0) return (before - equal / 2) / total;
      const double rank = before + (centroid.weight - 1) / 2;
      return (last_rank + (rank - last_rank) * (value - last_value) / (centroid.mean - last_value) + 0.5) / total;
    }
    before += centroid.weight;
  }
  if (equal > 0) return (total - equal / 2) / total;
  if (max_ <= last_value) return 1;
  return (last_rank + (total - 1 - last_rank) * (value - last_value) / (max_ - last_value) + 0.5) / total;
}

double QuantileSketch::fraction_below(double value) {
  settle();
  return is_exact() ? exact_fraction_below(value) : digest_fraction_below(value);
}

double QuantileSketch::median_absolute_deviation() {
  if (!deviation_) deviation_ = find_deviation();
  return *deviation_;
}

double QuantileSketch::find_deviation() {
  const double median = quantile(0.5);
  std::vector<Centroid> deviations;
  if (is_exact()) {
    for (const double value : waiting_) deviations.push_back({std::abs(value - median), 1});
  } else {
    for (const Centroid& centroid : centroids_) {
      deviations.push_back({std::abs(centroid.mean - median), centroid.weight});
    }
  }
  std::sort(deviations.begin(), deviations.end(), [](const Centroid& a, const Centroid& b) { return a.mean < b.mean; });
  // The median of weighted numbers: each stands at the middle of its ranks, as in quantile().
  const double rank = static_cast<double>(count() - 1) / 2;
  double before = 0;
  double last_rank = 0;
  double last_value = deviations.front().mean;
  for (const Centroid& deviation : deviations) {
    const double middle = before + (deviation.weight - 1) / 2;
    if (rank <= middle) {
      if (middle <= last_rank) return deviation.mean;
      return last_value + (deviation.mean - last_value) * (rank - last_rank) / (middle - last_rank);
    }
    last_rank = middle;
    last_value = deviation.mean;
    before += deviation.weight;
  }
  return last_value;
}

double QuantileSketch::first_from(double bound) {
  settle();
  if (smallest() >= bound) return smallest();
  if (is_exact()) {
    const auto found = std::lower_bound(waiting_.begin(), waiting_.end(), bound);
    return found == waiting_.end() ? waiting_.back() : *found;
  }
  for (const Centroid& centroid : centroids_) {
    if (centroid.mean >= bound) return centroid.mean;
  }
  return max_;
}

double QuantileSketch::last_up_to(double bound) {
  settle();
  if (largest() <= bound) return largest();
  if (is_exact()) {
    const auto found = std::upper_bound(waiting_.begin(), waiting_.end(), bound);
    return found == waiting_.begin() ? waiting_.front() : *std::prev(found);
  }
  for (auto centroid = centroids_.rbegin(); centroid != centroids_.rend(); ++centroid) {
    if (centroid->mean <= bound) return centroid->mean;
  }
  return min_;
}

}  // namespace iot::query

#include "store/embedded/buckets.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <utility>

namespace iot::store {
namespace {

/// Ranges up to this many numbers have a table with an entry for each.
constexpr std::uint64_t direct_numbers_max = 4096;

double log2_of(std::uint64_t count) noexcept {
  static const auto table = [] {
    std::array<float, 4096> values{};
    for (std::size_t i = 1; i < values.size(); ++i) values[i] = std::log2(static_cast<float>(i));
    return values;
  }();
  if (count < table.size()) return table[count];
  const auto shift = static_cast<unsigned>(std::bit_width(count)) - 12;
  return table[count >> shift] + static_cast<float>(shift);
}

/// Finds the cheapest partition: that of a node is one bucket, or the cheapest partitions of both its halves.
class Chooser {
 public:
  Chooser(std::span<const Bucket> items, Coverage coverage, double description_factor)
      : items_(items), coverage_(coverage), description_factor_(description_factor) {
    before_.reserve(items.size() + 1);
    std::uint64_t sum = 0;
    before_.push_back(0);
    for (const Bucket& item : items) before_.push_back(sum += item.count);
    total_ = sum;
    log_total_ = log2_of(sum);
  }

  double choose(std::size_t first, std::size_t end, std::uint64_t lower, unsigned height) {
    const std::uint64_t count = before_[end] - before_[first];
    if (first == end) return choose_empty(lower, height);
    const double whole = cost(count, height);
    const Bucket bucket{lower, static_cast<std::uint8_t>(height), static_cast<std::uint32_t>(count)};
    if (end - first == 1 && items_[first].bits == height) return chosen_.push_back(bucket), whole;
    if (not_worth_splitting(first, end, count, height)) return chosen_.push_back(bucket), whole;

    const std::size_t mark = chosen_.size();
    const std::uint64_t middle = lower + (1ULL << (height - 1));
    const auto split = std::partition_point(items_.begin() + static_cast<std::ptrdiff_t>(first),
                                            items_.begin() + static_cast<std::ptrdiff_t>(end),
                                            [&](const Bucket& item) { return item.lower < middle; });
    const auto right = static_cast<std::size_t>(split - items_.begin());
    const bool one_empty = right == first || right == end;
    double halves = one_empty ? 2 : 1;
    halves += choose(first, right, lower, height - 1);
    if (halves < whole) halves += choose(right, end, middle, height - 1);
    if (halves < whole) return halves;
    chosen_.resize(mark);
    chosen_.push_back(bucket);
    return whole;
  }

  std::vector<Bucket> take() { return std::move(chosen_); }
  double whole_cost(unsigned height) const { return cost(total_, height); }

 private:
  /// A few numbers, none twice and all over the node, are hardly ever worth the description of several buckets.
  bool not_worth_splitting(std::size_t first, std::size_t end, std::uint64_t count, unsigned height) const noexcept {
    constexpr std::size_t few = 24;
    if (end - first > few || count != end - first) return false;
    const std::uint64_t reach = items_[end - 1].lower - items_[first].lower;
    return end - first <= 4 || static_cast<unsigned>(std::bit_width(reach)) + 2 >= height;
  }

  double choose_empty(std::uint64_t lower, unsigned height) {
    if (coverage_ == Coverage::complete) return 0;
    chosen_.push_back({lower, static_cast<std::uint8_t>(height), 0});
    // What a sample does not show may be there all the same: about half a number in as many as the sample has.
    return 0.5 * (log_total_ + height);
  }

  /// Each number's bucket and place, and once the bucket's frequency and its end of the tree.
  double cost(std::uint64_t count, unsigned height) const noexcept {
    const double bucket_bits = log_total_ - log2_of(count);
    const double description = 5 + std::max(0.0, 12 - bucket_bits);
    return static_cast<double>(count) * (bucket_bits + height) + description_factor_ * description;
  }

  std::span<const Bucket> items_;
  Coverage coverage_;
  double description_factor_;
  std::vector<std::uint64_t> before_;
  std::uint64_t total_ = 0;
  double log_total_ = 0;
  std::vector<Bucket> chosen_;
};

}  // namespace

BucketChoice choose_buckets(std::span<const Bucket> items, unsigned height, Coverage coverage,
                            double alternating_bits) {
  assert(!items.empty());
  for (double description_factor = 1;; description_factor *= 4) {
    Chooser chooser(items, coverage, description_factor);
    BucketChoice choice;
    choice.bits = chooser.choose(0, items.size(), 0, height) + alternating_bits;
    choice.buckets = chooser.take();
    const double whole = chooser.whole_cost(height);
    if (choice.buckets.size() == 1 || whole <= choice.bits) {
      std::uint64_t count = 0;
      for (const Bucket& item : items) count += item.count;
      return {{{0, static_cast<std::uint8_t>(height), static_cast<std::uint32_t>(count)}}, whole};
    }
    if (choice.buckets.size() <= buckets_max) return choice;
  }
}

namespace {

/// Sorts by one byte after the other, lowest first: for many numbers of few bits several times faster than std::sort.
void radix_sort(std::vector<std::uint64_t>& numbers, unsigned height) {
  std::vector<std::uint64_t> other(numbers.size());
  for (unsigned shift = 0; shift < height; shift += 8) {
    std::array<std::uint32_t, 256> next{};
    for (const std::uint64_t number : numbers) ++next[number >> shift & 0xFF];
    std::uint32_t before = 0;
    for (std::uint32_t& place : next) before += std::exchange(place, before);
    for (const std::uint64_t number : numbers) other[next[number >> shift & 0xFF]++] = number;
    numbers.swap(other);
  }
}

}  // namespace

std::vector<Bucket> count_numbers(std::vector<std::uint64_t>& numbers, unsigned height) {
  constexpr std::size_t many = 128;
  if (numbers.size() < many) {
    std::sort(numbers.begin(), numbers.end());
  } else {
    radix_sort(numbers, height);
  }
  std::vector<Bucket> items(numbers.size());
  std::size_t last = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0 && numbers[i] != numbers[i - 1]) ++last;
    items[last].lower = numbers[i];
    ++items[last].count;
  }
  if (!items.empty()) items.resize(last + 1);
  return items;
}

namespace {

/// A node: is it a bucket? If not: are there buckets in both halves, and if not, in which?
void write_node(BitWriter& out, std::span<const Bucket> buckets, std::uint64_t lower, unsigned height) {
  if (height == 0) return;
  const bool leaf = buckets.size() == 1 && buckets.front().bits == height;
  out.put(leaf ? 0 : 1, 1);
  if (leaf) return;
  const std::uint64_t middle = lower + (1ULL << (height - 1));
  const auto split =
      std::partition_point(buckets.begin(), buckets.end(), [&](const Bucket& bucket) { return bucket.lower < middle; });
  const auto left = static_cast<std::size_t>(split - buckets.begin());
  const bool one_empty = left == 0 || left == buckets.size();
  out.put(one_empty ? 1 : 0, 1);
  if (one_empty) out.put(left == 0 ? 1 : 0, 1);
  if (left > 0) write_node(out, buckets.first(left), lower, height - 1);
  if (left < buckets.size()) write_node(out, buckets.subspan(left), middle, height - 1);
}

bool read_node(BitReader& in, std::uint64_t lower, unsigned height, std::vector<Bucket>& buckets) {
  if (height == 0 || in.get(1) == 0) {
    buckets.push_back({lower, static_cast<std::uint8_t>(height), 0});
    return in.ok() && buckets.size() <= buckets_max;
  }
  const std::uint64_t middle = lower + (1ULL << (height - 1));
  const bool one_empty = in.get(1) == 1;
  const bool left_empty = one_empty && in.get(1) == 1;
  const bool right_empty = one_empty && !left_empty;
  return (left_empty || read_node(in, lower, height - 1, buckets)) &&
         (right_empty || read_node(in, middle, height - 1, buckets));
}

}  // namespace

void write_bucket_tree(BitWriter& out, std::span<const Bucket> buckets, unsigned height) {
  assert(!buckets.empty());
  write_node(out, buckets, 0, height);
}

bool read_bucket_tree(BitReader& in, unsigned height, std::vector<Bucket>& buckets) {
  buckets.clear();
  return height <= 64 && read_node(in, 0, height, buckets);
}

BucketFinder::BucketFinder(std::span<const Bucket> buckets, std::uint64_t number_max) {
  if (number_max < direct_numbers_max) {
    direct_.resize(number_max + 1);
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      const std::uint64_t last = buckets[i].lower + low_bits(buckets[i].bits);
      for (std::uint64_t number = buckets[i].lower; number <= std::min(last, number_max); ++number) {
        direct_[number] = static_cast<std::uint16_t>(i);
      }
    }
    return;
  }
  step_max_ = std::bit_floor(buckets.size());
  if (step_max_ == buckets.size()) step_max_ /= 2;
  last_ = buckets.size() - 1;
  for (const Bucket& bucket : buckets) lowers_.push_back(bucket.lower);
  lowers_.resize(step_max_ * 2 + 1, ~0ULL);
}

}  // namespace iot::store

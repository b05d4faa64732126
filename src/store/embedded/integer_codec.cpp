#include "store/embedded/integer_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <limits>
#include <vector>

#include "store/embedded/bits.h"
#include "store/embedded/buckets.h"
#include "store/embedded/integer_header.h"
#include "store/embedded/integer_reader.h"
#include "store/embedded/rans.h"
#include "store/embedded/unit.h"

namespace iot::store {
namespace {

/// How many samples decide on the order of differences, and how many on the buckets.
constexpr std::size_t order_sample = 256;
constexpr std::size_t bucket_sample = 1024;
/// The sample of a small column is a share of it: the decision must not cost more than it saves.
constexpr std::size_t sample_share = 4;
constexpr std::size_t sample_min = 128;

std::uint64_t as_unsigned(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value);
}
std::int64_t as_signed(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value);
}

/// The difference of the given order at `i`, which is at least `order`.
std::uint64_t difference(std::span<const std::uint64_t> numbers, std::size_t i, unsigned order) noexcept {
  if (order == 0) return numbers[i];
  if (order == 1) return numbers[i] - numbers[i - 1];
  return numbers[i] - 2 * numbers[i - 1] + numbers[i - 2];
}

struct Extent {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = std::numeric_limits<std::int64_t>::min();
  unsigned height() const noexcept {
    return static_cast<unsigned>(std::bit_width(as_unsigned(most) - as_unsigned(least)));
  }
};

/// All differences of an order and how far they reach.
template <unsigned order>
Extent differences(std::span<const std::uint64_t> numbers, std::vector<std::uint64_t>& kept) {
  Extent extent;
  kept.resize(numbers.size() - order);
  for (std::size_t i = order; i < numbers.size(); ++i) {
    const std::uint64_t value = difference(numbers, i, order);
    kept[i - order] = value;
    extent.least = std::min(extent.least, as_signed(value));
    extent.most = std::max(extent.most, as_signed(value));
  }
  return extent;
}

Extent differences(std::span<const std::uint64_t> numbers, unsigned order, std::vector<std::uint64_t>& kept) {
  if (order == 0) return differences<0>(numbers, kept);
  if (order == 1) return differences<1>(numbers, kept);
  return differences<2>(numbers, kept);
}

/// Places spread over [0, size), each at another distance from the last, lest they beat against a period in the values.
class Sampler {
 public:
  Sampler(std::size_t size, std::size_t wanted) : size_(size), stride_(size <= wanted ? 1 : size / wanted) {}

  template <class Visit>
  void each(Visit visit) const {
    std::uint64_t random = 0x9E3779B97F4A7C15;
    for (std::size_t start = 0; start < size_; start += stride_) {
      random = random * 6364136223846793005 + 1442695040888963407;
      const std::size_t place = start + (stride_ == 1 ? 0 : (random >> 33) % stride_);
      if (place < size_) visit(place);
    }
  }

 private:
  std::size_t size_;
  std::size_t stride_;
};

double alternating_bits(std::size_t count) {
  return 8.0 * static_cast<double>(rans_overhead_bytes(count) + 1);
}

/// About how many bits a number takes at this order, by a sample.
double sampled_bits(std::span<const std::uint64_t> numbers, unsigned order, std::size_t sample) {
  std::vector<std::uint64_t> seen;
  seen.reserve(sample * 2);
  Sampler(numbers.size() - order, sample).each([&](std::size_t place) {
    seen.push_back(difference(numbers, place + order, order));
  });
  std::uint64_t least = seen.front();
  for (const std::uint64_t value : seen) least = as_signed(value) < as_signed(least) ? value : least;
  std::uint64_t all = 0;
  for (std::uint64_t& value : seen) all |= value -= least;
  if (all == 0) return 0;
  const auto height = static_cast<unsigned>(std::bit_width(all));
  const double count = static_cast<double>(seen.size());
  return choose_buckets(count_numbers(seen, height), height, Coverage::complete, 0).bits / count;
}

/// The orders worth a closer look, the most promising first.
std::vector<unsigned> promising_orders(std::span<const std::uint64_t> numbers) {
  const std::size_t sample = std::clamp(numbers.size() / sample_share, sample_min, order_sample);
  struct Estimate {
    double bits;
    unsigned order;
  };
  std::vector<Estimate> estimates;
  // Times are mostly at equal distances, which order 1 shows at once.
  for (const unsigned order : {1u, 0u, 2u}) {
    if (order >= numbers.size()) continue;
    estimates.push_back({sampled_bits(numbers, order, sample), order});
    if (estimates.back().bits == 0) return {order};
  }
  std::stable_sort(estimates.begin(), estimates.end(),
                   [](const Estimate& a, const Estimate& b) { return a.bits < b.bits; });
  // A sample may err by that much.
  const double limit = estimates.front().bits * 1.15 + 0.25;
  std::vector<unsigned> orders;
  for (const Estimate& estimate : estimates) {
    if (estimate.bits <= limit) orders.push_back(estimate.order);
  }
  return orders;
}

/// What is kept of the numbers, and in which buckets.
struct Plan {
  unsigned order = 0;
  Extent extent;
  std::vector<std::uint64_t> kept;  ///< Less the floor.
  std::vector<Bucket> buckets;
  double bits = 0;
  std::vector<std::uint16_t> symbols;  ///< The bucket of each; empty if there is but one.
};

void find_symbols(Plan& plan, std::span<const Bucket> buckets) {
  const BucketFinder finder(buckets, low_bits(plan.extent.height()));
  plan.symbols.resize(plan.kept.size());
  for (std::size_t i = 0; i < plan.kept.size(); ++i) plan.symbols[i] = finder.find(plan.kept[i]);
}

/// Draws the lines by a sample, counts all numbers, and leaves out the lines that do not pay.
void choose_by_sample(Plan& plan, std::size_t sample) {
  const unsigned height = plan.extent.height();
  std::vector<std::uint64_t> seen;
  seen.reserve(sample * 2);
  Sampler(plan.kept.size(), sample).each([&](std::size_t place) { seen.push_back(plan.kept[place]); });
  std::vector<Bucket> drawn = choose_buckets(count_numbers(seen, height), height, Coverage::sampled, 0).buckets;
  find_symbols(plan, drawn);
  for (Bucket& bucket : drawn) bucket.count = 0;
  for (const std::uint16_t symbol : plan.symbols) ++drawn[symbol].count;

  std::vector<Bucket> counted;
  std::copy_if(drawn.begin(), drawn.end(), std::back_inserter(counted), [](const Bucket& b) { return b.count > 0; });
  BucketChoice choice = choose_buckets(counted, height, Coverage::complete, alternating_bits(plan.kept.size()));
  plan.buckets = std::move(choice.buckets);
  plan.bits = choice.bits;
  const BucketFinder finder(plan.buckets, low_bits(height));
  std::vector<std::uint16_t> renamed;
  renamed.reserve(drawn.size());
  for (const Bucket& bucket : drawn) renamed.push_back(bucket.count > 0 ? finder.find(bucket.lower) : std::uint16_t{0});
  for (std::uint16_t& symbol : plan.symbols) symbol = renamed[symbol];
}

void choose_by_all(Plan& plan) {
  const unsigned height = plan.extent.height();
  std::vector<std::uint64_t> sorted = plan.kept;
  BucketChoice choice =
      choose_buckets(count_numbers(sorted, height), height, Coverage::complete, alternating_bits(sorted.size()));
  plan.buckets = std::move(choice.buckets);
  plan.bits = choice.bits;
}

Plan make_plan(std::span<const std::uint64_t> numbers, unsigned order, Effort effort) {
  Plan plan;
  plan.order = order;
  plan.extent = differences(numbers, order, plan.kept);
  if (plan.extent.height() == 0) {
    plan.kept.clear();
    plan.buckets = {{0, 0, 0}};
    return plan;
  }
  const std::uint64_t floor = as_unsigned(plan.extent.least);
  for (std::uint64_t& value : plan.kept) value -= floor;
  const std::size_t sample = std::clamp(plan.kept.size() / sample_share, sample_min, bucket_sample);
  effort == Effort::dense || plan.kept.size() <= sample ? choose_by_all(plan) : choose_by_sample(plan, sample);
  return plan;
}

Plan choose_plan(std::span<const std::uint64_t> numbers, Effort effort) {
  const std::vector<unsigned> orders = promising_orders(numbers);
  Plan best = make_plan(numbers, orders.front(), effort);
  for (std::size_t i = 1; effort == Effort::dense && i < orders.size(); ++i) {
    Plan plan = make_plan(numbers, orders[i], effort);
    if (plan.bits < best.bits) best = std::move(plan);
  }
  if (best.buckets.size() > 1 && best.symbols.empty()) find_symbols(best, best.buckets);
  return best;
}

void put_numbers(std::string& out, const Plan& plan) {
  BitWriter description(out);
  write_bucket_tree(description, plan.buckets, plan.extent.height());
  if (plan.buckets.size() == 1) {
    description.flush();
    BitWriter places(out);
    const unsigned bits = plan.extent.height();
    for (const std::uint64_t number : plan.kept) places.put(number, bits);
    places.flush();
    return;
  }
  std::vector<std::uint32_t> counts;
  counts.reserve(plan.buckets.size());
  for (const Bucket& bucket : plan.buckets) counts.push_back(bucket.count);
  const Frequencies frequencies = normalize(counts);
  put_frequencies(description, frequencies);
  description.flush();
  rans_encode(plan.symbols, frequencies, out);
  BitWriter places(out);
  for (std::size_t i = 0; i < plan.kept.size(); ++i) {
    const Bucket& bucket = plan.buckets[plan.symbols[i]];
    places.put(plan.kept[i] - bucket.lower, bucket.bits);
  }
  places.flush();
}

}  // namespace

void encode_integers(std::span<const std::int64_t> values, std::int64_t origin, Effort effort, std::string& out) {
  if (values.empty()) return;
  std::vector<std::uint64_t> numbers(values.size());
  std::int64_t least = values[0];
  for (const std::int64_t value : values) least = std::min(least, value);
  for (std::size_t i = 0; i < values.size(); ++i) numbers[i] = as_unsigned(values[i]) - as_unsigned(least);

  IntegerHeader header;
  header.least = as_unsigned(least) - as_unsigned(origin);
  header.unit = divide_by_common_unit(numbers);
  const Plan plan = choose_plan(numbers, effort);
  header.order = plan.order;
  if (plan.order > 0) header.seeds[0] = numbers[0];
  if (plan.order > 1) header.seeds[1] = numbers[1] - numbers[0];
  header.floor = as_unsigned(plan.extent.least);
  header.height = plan.extent.height();

  put_integer_header(out, header);
  std::string body;
  put_numbers(body, plan);
  put_varint(out, body.size());
  out += body;
}

bool decode_integers(ByteReader& in, std::int64_t origin, std::span<std::int64_t> values) {
  if (values.empty()) return true;
  IntegerReader reader;
  if (!reader.open(in, origin, values.size())) return false;
  while (!values.empty()) {
    const std::size_t count = reader.next(values);
    if (count == 0) return false;
    values = values.subspan(count);
  }
  return true;
}

bool skip_integers(ByteReader& in) {
  if (!get_integer_header(in)) return false;
  in.bytes(in.varint());
  return in.ok();
}

}  // namespace iot::store

#include "store/embedded/integer_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <limits>
#include <optional>
#include <vector>

#include "store/embedded/bits.h"
#include "store/embedded/buckets.h"
#include "store/embedded/place_reader.h"
#include "store/embedded/rans.h"
#include "store/embedded/unit.h"

namespace iot::store {
namespace {

/// What is kept of the numbers: themselves, their differences, the differences of these. Part of the format.
constexpr unsigned order_max = 2;

/// The transform as it stands before the numbers.
struct Header {
  std::uint64_t least = 0;  ///< The smallest value, less the origin.
  std::uint64_t unit = 1;   ///< Values are least + unit * number.
  unsigned order = 0;
  std::array<std::uint64_t, order_max> seeds{};  ///< What the sums over differences begin with.
  std::uint64_t floor = 0;                       ///< The smallest of what is kept, as a signed number.
  unsigned height = 0;                           ///< What is kept, less the floor, is below 2^height.
};

/// How many samples decide on the order of differences, and how many on the buckets.
constexpr std::size_t order_sample = 256;
constexpr std::size_t bucket_sample = 1024;
/// The sample of a small column is a share of it: the decision must not cost more than it saves.
constexpr std::size_t sample_share = 4;
constexpr std::size_t sample_min = 128;

/// Rearranged numbers are decoded in runs that fit the first cache.
constexpr std::size_t run = PlaceReader::run_max;
static_assert(run % RansDecoder::run_unit == 0);

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

void put_header(std::string& out, const Header& header) {
  out.push_back(static_cast<char>(header.order | (header.unit != 1 ? 4 : 0)));
  put_varint(out, zigzag(as_signed(header.least)));
  if (header.unit != 1) put_varint(out, header.unit);
  for (unsigned i = 0; i < header.order; ++i) put_varint(out, zigzag(as_signed(header.seeds[i])));
  put_varint(out, zigzag(as_signed(header.floor)));
  out.push_back(static_cast<char>(header.height));
}

std::optional<Header> get_header(ByteReader& in) {
  Header header;
  const auto flags = in.fixed<std::uint8_t>();
  header.order = flags & 3u;
  if (flags > 7 || header.order > order_max) return std::nullopt;
  header.least = as_unsigned(in.signed_varint());
  if ((flags & 4) != 0) header.unit = in.varint();
  for (unsigned i = 0; i < header.order; ++i) header.seeds[i] = as_unsigned(in.signed_varint());
  header.floor = as_unsigned(in.signed_varint());
  header.height = in.fixed<std::uint8_t>();
  if (!in.ok() || header.height > 64) return std::nullopt;
  return header;
}

constexpr unsigned frequency_length_bits = 4;

void put_frequencies(BitWriter& out, const Frequencies& frequencies) {
  out.put(frequencies.bits, frequency_length_bits);
  for (const std::uint16_t frequency : frequencies.of_symbol) {
    const auto length = static_cast<unsigned>(std::bit_width(frequency));
    out.put(length, frequency_length_bits);
    out.put(frequency & low_bits(length - 1), length - 1);
  }
}

bool get_frequencies(BitReader& in, std::size_t symbols, Frequencies& frequencies) {
  frequencies.bits = static_cast<unsigned>(in.get(frequency_length_bits));
  frequencies.of_symbol.resize(symbols);
  for (std::uint16_t& frequency : frequencies.of_symbol) {
    const auto length = static_cast<unsigned>(in.get(frequency_length_bits));
    if (length == 0 || length > frequency_bits_max) return false;
    frequency = static_cast<std::uint16_t>(1u << (length - 1) | in.get(length - 1));
  }
  return in.ok() && frequencies.valid();
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

/// Adds up differences of the order, run after run, and turns numbers into values.
class Undo {
 public:
  Undo(const Header& header, std::int64_t origin)
      : header_(header), least_(header.least + as_unsigned(origin)), sum_(header.seeds[0]), step_(header.seeds[1]) {}

  /// What stands before the first kept number.
  std::int64_t value() const noexcept { return as_signed(least_ + header_.unit * sum_); }
  void advance() noexcept { sum_ += step_; }

  void apply(std::span<const std::uint64_t> kept, std::int64_t* values) noexcept {
    // Most columns have no unit, and then need no multiplication.
    if (header_.unit == 1) return apply(kept, values, [](std::uint64_t number) { return number; });
    apply(kept, values, [unit = header_.unit](std::uint64_t number) { return number * unit; });
  }

  /// All that is kept is the floor: equal values, equal distances (most times are so), or ones that grow equally.
  void apply_floor(std::span<std::int64_t> values) const noexcept {
    std::uint64_t value = as_unsigned(this->value());
    const std::uint64_t unit = header_.unit;
    const std::uint64_t floor = header_.floor * unit;
    if (header_.order == 0) return std::fill(values.begin(), values.end(), as_signed(least_ + floor));
    if (header_.order == 1) {
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = as_signed(value + (i + 1) * floor);
      return;
    }
    std::uint64_t step = step_ * unit;
    for (std::int64_t& next : values) next = as_signed(value += step += floor);
  }

 private:
  template <class Scale>
  void apply(std::span<const std::uint64_t> kept, std::int64_t* values, Scale scale) noexcept {
    const std::uint64_t least = least_;
    const std::uint64_t floor = header_.floor;
    std::uint64_t sum = sum_;
    std::uint64_t step = step_;
    switch (header_.order) {
      case 0:
        for (std::size_t i = 0; i < kept.size(); ++i) values[i] = as_signed(least + scale(kept[i] + floor));
        break;
      case 1:
        for (std::size_t i = 0; i < kept.size(); ++i) values[i] = as_signed(least + scale(sum += kept[i] + floor));
        break;
      default:
        for (std::size_t i = 0; i < kept.size(); ++i) {
          step += kept[i] + floor;
          values[i] = as_signed(least + scale(sum += step));
        }
    }
    sum_ = sum;
    step_ = step;
  }

  Header header_;
  std::uint64_t least_;
  std::uint64_t sum_;
  std::uint64_t step_;
};

}  // namespace

void encode_integers(std::span<const std::int64_t> values, std::int64_t origin, Effort effort, std::string& out) {
  if (values.empty()) return;
  std::vector<std::uint64_t> numbers(values.size());
  std::int64_t least = values[0];
  for (const std::int64_t value : values) least = std::min(least, value);
  for (std::size_t i = 0; i < values.size(); ++i) numbers[i] = as_unsigned(values[i]) - as_unsigned(least);

  Header header;
  header.least = as_unsigned(least) - as_unsigned(origin);
  header.unit = divide_by_common_unit(numbers);
  const Plan plan = choose_plan(numbers, effort);
  header.order = plan.order;
  if (plan.order > 0) header.seeds[0] = numbers[0];
  if (plan.order > 1) header.seeds[1] = numbers[1] - numbers[0];
  header.floor = as_unsigned(plan.extent.least);
  header.height = plan.extent.height();

  put_header(out, header);
  std::string body;
  put_numbers(body, plan);
  put_varint(out, body.size());
  out += body;
}

bool decode_integers(ByteReader& in, std::int64_t origin, std::span<std::int64_t> values) {
  if (values.empty()) return true;
  const auto header = get_header(in);
  if (!header || header->order > values.size()) return false;
  const std::string_view body = in.bytes(in.varint());
  if (!in.ok()) return false;

  std::vector<Bucket> buckets;
  BitReader description(body);
  if (!read_bucket_tree(description, header->height, buckets)) return false;
  const std::size_t kept = values.size() - header->order;
  std::optional<RansDecoder> symbols_in;
  ByteReader rest("");
  if (buckets.size() > 1) {
    Frequencies frequencies;
    if (!get_frequencies(description, buckets.size(), frequencies)) return false;
    rest = ByteReader(body.substr(description.bytes_used()));
    symbols_in.emplace(rest, kept, frequencies);
    if (!symbols_in->ok()) return false;
  } else {
    rest = ByteReader(body.substr(description.bytes_used()));
  }
  PlaceReader places(rest.bytes(rest.remaining()), buckets);

  Undo undo(*header, origin);
  std::int64_t* next = values.data();
  for (unsigned i = 0; i < header->order; ++i) {
    if (i > 0) undo.advance();
    *next++ = undo.value();
  }
  if (header->height == 0) {
    undo.apply_floor({next, kept});
    return places.ok();
  }
  std::uint16_t symbols[run];
  std::uint64_t numbers[run];
  for (std::size_t left = kept; left > 0;) {
    const std::size_t count = std::min(left, run);
    if (symbols_in) {
      symbols_in->decode({symbols, count});
      if (!places.read({symbols, count}, {numbers, count})) return false;
    } else if (!places.read({numbers, count})) {
      return false;
    }
    undo.apply({numbers, count}, next);
    next += count;
    left -= count;
  }
  return places.ok() && (!symbols_in || symbols_in->at_end());
}

}  // namespace iot::store

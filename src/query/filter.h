// What a query asks of one index's readings: what is the same in all its documents is decided already, the rest is
// conditions on the time and value columns.
//
// A value; evaluated a block at a time, and over a run without decoding where its summary decides it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "query/selection.h"
#include "store/reading_store.h"

namespace iot::query {

/// A condition on a text.
class TextMatcher {
 public:
  virtual ~TextMatcher() = default;
  virtual bool matches(std::string_view text) const = 0;
  virtual std::size_t memory_bytes() const { return 64; }
};

/// A condition on a reading as a whole.
class ReadingMatcher {
 public:
  virtual ~ReadingMatcher() = default;
  virtual bool matches(const store::Block& block, std::size_t place) const = 0;
  virtual std::size_t memory_bytes() const { return 64; }
};

enum class Truth { none, some, all };

/// A run of readings as far as known without decoding it.
struct Run {
  store::TimeRange bounds;
  const store::Summary* summary = nullptr;  ///< null: not known exactly
  /// There are no readings behind it. Its bounds are then those of where it counts, and `summary` may reach further.
  bool rolled_up = false;
};

class Filter {
 public:
  static Filter all() { return Filter(Op::all); }
  static Filter none() { return Filter(Op::none); }
  static Filter constant(bool matches) { return matches ? all() : none(); }
  /// Both ends included, here and below.
  static Filter time_range(std::int64_t low_ns, std::int64_t high_ns);
  static Filter integer_range(std::int64_t low, std::int64_t high);
  /// By IEEE total order: -0.0 lies below 0.0.
  static Filter real_range(double low, double high);
  static Filter integer_set(std::vector<std::int64_t> values);
  static Filter real_set(std::vector<double> values);
  static Filter text(std::shared_ptr<const TextMatcher> matcher);
  static Filter reading(std::shared_ptr<const ReadingMatcher> matcher, std::vector<std::int64_t> times_ns);
  static Filter all_of(std::vector<Filter> filters);
  static Filter any_of(std::vector<Filter> filters);
  static Filter at_least(std::size_t count, std::vector<Filter> filters);
  static Filter negated(Filter filter);

  bool is_all() const noexcept { return op_ == Op::all; }
  bool is_none() const noexcept { return op_ == Op::none; }
  /// No reading outside matches. Nothing matches if first is after last.
  store::TimeRange time_bounds() const;
  /// This filter where all readings are known to lie in `range`.
  Filter within(store::TimeRange range) const;

  /// False if narrow() looks at values alone.
  bool reads_times() const noexcept;

  /// About how much it holds. Copies share it.
  std::size_t memory_bytes() const;

  Truth over(const Run& run) const;
  /// Clears mask[i] (1 or 0 for each reading of the block) where the reading does not match.
  void narrow(const store::Block& block, std::uint8_t* mask) const;

 private:
  enum class Op {
    all,
    none,
    time_range,
    integer_range,
    real_range,
    integer_set,
    real_set,
    text,
    reading,
    all_of,
    at_least,
    negated
  };
  explicit Filter(Op op) : op_(op) {}

  void narrow_at_least(const store::Block& block, std::uint8_t* mask) const;
  Truth over_children(const Run& run) const;

  Op op_;
  std::size_t count_ = 0;
  std::int64_t low_ = 0;
  std::int64_t high_ = 0;
  double real_low_ = 0;
  double real_high_ = 0;
  /// Sorted; for real_set their order keys; for reading its times. Shared by copies, as children_ are.
  std::shared_ptr<const std::vector<std::int64_t>> integers_;
  std::shared_ptr<const TextMatcher> text_;
  std::shared_ptr<const ReadingMatcher> reading_;
  std::shared_ptr<const std::vector<Filter>> children_;
};

/// Readings that match both.
Filter both(Filter one, Filter other);

/// An integer that orders as the double does by IEEE total order.
std::int64_t order_key(double value) noexcept;

/// The readings of a block that match, as a selection whose list lies in `list`; `mask` is scratch space.
Selection select(const Filter& filter, const store::Block& block, std::vector<std::uint8_t>& mask,
                 std::vector<std::uint32_t>& list);

/// How many of them there are, where the places do not matter.
std::size_t count_matching(const Filter& filter, const store::Block& block, std::vector<std::uint8_t>& mask);

}  // namespace iot::query

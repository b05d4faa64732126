#include "query/filter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "query/mask_loops.h"

namespace iot::query {
namespace {

template <class Predicate>
void narrow_each(std::size_t size, std::uint8_t* mask, Predicate&& matches) {
  for (std::size_t i = 0; i < size; ++i) mask[i] = static_cast<std::uint8_t>(mask[i] & (matches(i) ? 1 : 0));
}

bool needs_total_order(double low, double high) {
  return (low == 0 && !std::signbit(low)) || (high == 0 && std::signbit(high));
}

}  // namespace

std::int64_t order_key(double value) noexcept {
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits ^ static_cast<std::int64_t>(static_cast<std::uint64_t>(bits >> 63) >> 1);
}

Filter Filter::time_range(std::int64_t low_ns, std::int64_t high_ns) {
  if (low_ns > high_ns || high_ns < timestamp_min.ns) return none();
  if (low_ns <= timestamp_min.ns && high_ns == timestamp_max.ns) return all();
  Filter filter(Op::time_range);
  filter.low_ = low_ns;
  filter.high_ = high_ns;
  return filter;
}

Filter Filter::integer_range(std::int64_t low, std::int64_t high) {
  if (low > high) return none();
  if (low == INT64_MIN && high == INT64_MAX) return all();
  Filter filter(Op::integer_range);
  filter.low_ = low;
  filter.high_ = high;
  return filter;
}

Filter Filter::real_range(double low, double high) {
  Filter filter(Op::real_range);
  filter.real_low_ = low;
  filter.real_high_ = high;
  filter.low_ = order_key(low);
  filter.high_ = order_key(high);
  return filter.low_ > filter.high_ ? none() : filter;
}

Filter Filter::integer_set(std::vector<std::int64_t> values) {
  if (values.empty()) return none();
  if (values.size() == 1) return integer_range(values[0], values[0]);
  std::sort(values.begin(), values.end());
  Filter filter(Op::integer_set);
  filter.integers_ = std::make_shared<const std::vector<std::int64_t>>(std::move(values));
  return filter;
}

Filter Filter::real_set(std::vector<double> values) {
  if (values.empty()) return none();
  if (values.size() == 1) return real_range(values[0], values[0]);
  Filter filter(Op::real_set);
  std::vector<std::int64_t> keys;
  for (const double value : values) keys.push_back(order_key(value));
  std::sort(keys.begin(), keys.end());
  filter.integers_ = std::make_shared<const std::vector<std::int64_t>>(std::move(keys));
  return filter;
}

Filter Filter::text(std::shared_ptr<const TextMatcher> matcher) {
  Filter filter(Op::text);
  filter.text_ = std::move(matcher);
  return filter;
}

Filter Filter::reading(std::shared_ptr<const ReadingMatcher> matcher, std::vector<std::int64_t> times_ns) {
  if (times_ns.empty()) return none();
  std::sort(times_ns.begin(), times_ns.end());
  Filter filter(Op::reading);
  filter.reading_ = std::move(matcher);
  filter.integers_ = std::make_shared<const std::vector<std::int64_t>>(std::move(times_ns));
  return filter;
}

Filter Filter::all_of(std::vector<Filter> filters) {
  std::erase_if(filters, [](const Filter& filter) { return filter.is_all(); });
  if (filters.empty()) return all();
  for (const Filter& filter : filters) {
    if (filter.is_none()) return none();
  }
  if (filters.size() == 1) return std::move(filters[0]);
  // Cheap conditions first: they leave fewer texts to look at.
  std::stable_sort(filters.begin(), filters.end(), [](const Filter& a, const Filter& b) { return a.op_ < b.op_; });
  Filter filter(Op::all_of);
  filter.children_ = std::make_shared<const std::vector<Filter>>(std::move(filters));
  return filter;
}

Filter both(Filter one, Filter other) {
  std::vector<Filter> filters;
  filters.push_back(std::move(one));
  filters.push_back(std::move(other));
  return Filter::all_of(std::move(filters));
}

Filter Filter::any_of(std::vector<Filter> filters) {
  return at_least(1, std::move(filters));
}

Filter Filter::at_least(std::size_t count, std::vector<Filter> filters) {
  std::erase_if(filters, [](const Filter& filter) { return filter.is_none(); });
  const std::size_t certain =
      static_cast<std::size_t>(std::erase_if(filters, [](const Filter& f) { return f.is_all(); }));
  if (certain >= count) return all();
  count -= certain;
  if (filters.size() < count) return none();
  if (filters.size() == count) return all_of(std::move(filters));
  Filter filter(Op::at_least);
  filter.count_ = count;
  filter.children_ = std::make_shared<const std::vector<Filter>>(std::move(filters));
  return filter;
}

Filter Filter::negated(Filter child) {
  if (child.is_all()) return none();
  if (child.is_none()) return all();
  if (child.op_ == Op::negated) return child.children_->front();
  Filter filter(Op::negated);
  filter.children_ = std::make_shared<const std::vector<Filter>>(1, std::move(child));
  return filter;
}

store::TimeRange Filter::time_bounds() const {
  constexpr store::TimeRange nothing{timestamp_max, timestamp_min};
  switch (op_) {
    case Op::none:
      return nothing;
    case Op::time_range:
      return {{std::max(low_, timestamp_min.ns)}, {high_}};
    case Op::reading:
      return {{integers_->front()}, {integers_->back()}};
    case Op::all_of: {
      store::TimeRange range;
      for (const Filter& child : *children_) {
        const store::TimeRange bounds = child.time_bounds();
        range = {std::max(range.first, bounds.first), std::min(range.last, bounds.last)};
      }
      return range;
    }
    case Op::at_least: {
      store::TimeRange hull = nothing;
      for (const Filter& child : *children_) {
        const store::TimeRange bounds = child.time_bounds();
        if (bounds.first > bounds.last) continue;
        hull = {std::min(hull.first, bounds.first), std::max(hull.last, bounds.last)};
      }
      return hull;
    }
    default:
      return {};
  }
}

Filter Filter::within(store::TimeRange range) const {
  switch (op_) {
    case Op::time_range:
      if (low_ <= range.first.ns && high_ >= range.last.ns) return all();
      if (low_ > range.last.ns || high_ < range.first.ns) return none();
      return *this;
    case Op::all_of:
    case Op::at_least:
    case Op::negated: {
      std::vector<Filter> children;
      for (const Filter& child : *children_) children.push_back(child.within(range));
      if (op_ == Op::all_of) return all_of(std::move(children));
      if (op_ == Op::negated) return negated(std::move(children[0]));
      return at_least(count_, std::move(children));
    }
    default:
      return *this;
  }
}

std::size_t Filter::memory_bytes() const {
  std::size_t bytes = sizeof(Filter);
  if (integers_) bytes += integers_->size() * sizeof(std::int64_t);
  if (text_) bytes += text_->memory_bytes();
  if (reading_) bytes += reading_->memory_bytes();
  if (children_) {
    for (const Filter& child : *children_) bytes += child.memory_bytes();
  }
  return bytes;
}

Truth Filter::over(const Run& run) const {
  const auto compare = [](auto low, auto high, auto first, auto last) {
    if (last < low || first > high) return Truth::none;
    return first >= low && last <= high ? Truth::all : Truth::some;
  };
  switch (op_) {
    case Op::all:
      return Truth::all;
    case Op::none:
      return Truth::none;
    case Op::time_range:
      return compare(low_, high_, run.bounds.first.ns, run.bounds.last.ns);
    case Op::integer_range:
      if (!run.summary || !run.summary->integers) return Truth::some;
      return compare(low_, high_, run.summary->integers->min, run.summary->integers->max);
    case Op::real_range:
      if (!run.summary || !run.summary->numbers) return Truth::some;
      // A summary need not tell -0.0 from 0.0; where that matters, the readings decide.
      if (needs_total_order(real_low_, real_high_)) return Truth::some;
      return compare(real_low_, real_high_, run.summary->numbers->min, run.summary->numbers->max);
    case Op::reading: {
      const auto next = std::lower_bound(integers_->begin(), integers_->end(), run.bounds.first.ns);
      return next == integers_->end() || *next > run.bounds.last.ns ? Truth::none : Truth::some;
    }
    case Op::all_of:
    case Op::at_least:
      return over_children(run);
    case Op::negated: {
      const Truth truth = children_->front().over(run);
      return truth == Truth::all ? Truth::none : truth == Truth::none ? Truth::all : Truth::some;
    }
    default:
      return Truth::some;
  }
}

Truth Filter::over_children(const Run& run) const {
  const std::size_t needed = op_ == Op::all_of ? children_->size() : count_;
  std::size_t certain = 0;
  std::size_t possible = 0;
  for (const Filter& child : *children_) {
    const Truth truth = child.over(run);
    certain += truth == Truth::all ? 1 : 0;
    possible += truth == Truth::none ? 0 : 1;
  }
  if (possible < needed) return Truth::none;
  return certain >= needed ? Truth::all : Truth::some;
}

bool Filter::reads_times() const noexcept {
  if (op_ == Op::time_range || op_ == Op::reading) return true;
  return children_ &&
         std::any_of(children_->begin(), children_->end(), [](const Filter& f) { return f.reads_times(); });
}

void Filter::narrow(const store::Block& block, std::uint8_t* mask) const {
  const std::size_t size = block.size();
  switch (op_) {
    case Op::all:
      return;
    case Op::none:
      std::memset(mask, 0, size);
      return;
    case Op::time_range: {
      // Times are sorted: what lies outside is a front and a back.
      const auto begin = block.times_ns.begin();
      const auto from = static_cast<std::size_t>(std::lower_bound(begin, block.times_ns.end(), low_) - begin);
      const auto to = static_cast<std::size_t>(std::upper_bound(begin, block.times_ns.end(), high_) - begin);
      std::memset(mask, 0, from);
      std::memset(mask + to, 0, size - to);
      return;
    }
    case Op::integer_range:
      return clear_outside(block.integers.data(), size, low_, high_, mask);
    case Op::real_range:
      if (needs_total_order(real_low_, real_high_)) {
        return narrow_each(size, mask, [&](std::size_t i) {
          const std::int64_t key = order_key(block.reals[i]);
          return key >= low_ && key <= high_;
        });
      }
      return clear_outside(block.reals.data(), size, real_low_, real_high_, mask);
    case Op::integer_set:
      return narrow_each(size, mask, [&](std::size_t i) {
        return mask[i] && std::binary_search(integers_->begin(), integers_->end(), block.integers[i]);
      });
    case Op::real_set:
      return narrow_each(size, mask, [&](std::size_t i) {
        return mask[i] && std::binary_search(integers_->begin(), integers_->end(), order_key(block.reals[i]));
      });
    case Op::text:
      return narrow_each(size, mask, [&](std::size_t i) { return mask[i] && text_->matches(block.texts[i]); });
    case Op::reading:
      return narrow_each(size, mask, [&](std::size_t i) {
        return mask[i] && std::binary_search(integers_->begin(), integers_->end(), block.times_ns[i]) &&
               reading_->matches(block, i);
      });
    case Op::all_of:
      for (const Filter& child : *children_) child.narrow(block, mask);
      return;
    case Op::at_least:
      return narrow_at_least(block, mask);
    case Op::negated: {
      std::vector<std::uint8_t> matching(mask, mask + size);
      children_->front().narrow(block, matching.data());
      for (std::size_t i = 0; i < size; ++i) mask[i] = static_cast<std::uint8_t>(mask[i] & ~matching[i]);
      return;
    }
  }
}

void Filter::narrow_at_least(const store::Block& block, std::uint8_t* mask) const {
  const std::size_t size = block.size();
  std::vector<std::uint16_t> counts(size);
  std::vector<std::uint8_t> matching(size);
  for (const Filter& child : *children_) {
    std::memcpy(matching.data(), mask, size);
    child.narrow(block, matching.data());
    for (std::size_t i = 0; i < size; ++i) counts[i] = static_cast<std::uint16_t>(counts[i] + matching[i]);
  }
  const std::size_t needed = count_;
  narrow_each(size, mask, [&](std::size_t i) { return counts[i] >= needed; });
}

std::size_t count_matching(const Filter& filter, const store::Block& block, std::vector<std::uint8_t>& mask) {
  mask.assign(block.size(), 1);
  filter.narrow(block, mask.data());
  return count_set(mask.data(), mask.size());
}

Selection select(const Filter& filter, const store::Block& block, std::vector<std::uint8_t>& mask,
                 std::vector<std::uint32_t>& list) {
  const std::size_t size = block.size();
  if (filter.is_all()) return Selection::dense(0, size);
  mask.assign(size, 1);
  filter.narrow(block, mask.data());
  list.resize(size);
  const std::size_t count = list_set(mask.data(), size, list.data());
  if (count == size) return Selection::dense(0, size);
  return Selection::listed(list.data(), count);
}

}  // namespace iot::query

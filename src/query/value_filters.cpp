#include "query/value_filters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "query/date_math.h"
#include "query/ids_filter.h"
#include "query/json_fields.h"
#include "query/objects/inside_field.h"

namespace iot::query {
namespace {

using model::MappingType;

constexpr std::int64_t integer_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t integer_max = std::numeric_limits<std::int64_t>::max();

class OneOf final : public TextMatcher {
 public:
  explicit OneOf(std::vector<std::string> texts) : texts_(std::move(texts)) { std::sort(texts_.begin(), texts_.end()); }
  bool matches(std::string_view text) const override {
    return std::binary_search(texts_.begin(), texts_.end(), text, std::less<std::string_view>{});
  }

  std::size_t memory_bytes() const override {
    std::size_t bytes = sizeof *this;
    for (const std::string& text : texts_) bytes += sizeof text + text.size();
    return bytes;
  }

 private:
  std::vector<std::string> texts_;
};

class TextBetween final : public TextMatcher {
 public:
  explicit TextBetween(const Bounds& bounds)
      : low_(bounds.low),
        high_(bounds.high),
        low_included_(bounds.low_included),
        high_included_(bounds.high_included) {}
  bool matches(std::string_view text) const override {
    if (low_ && (low_included_ ? text < *low_ : text <= *low_)) return false;
    return !high_ || (high_included_ ? text <= *high_ : text < *high_);
  }

 private:
  std::optional<std::string> low_, high_;
  bool low_included_, high_included_;
};

/// An object in which there is something other than null.
class NotEmptyObject final : public TextMatcher {
 public:
  bool matches(std::string_view text) const override {
    const auto has = [&](std::string_view part) { return text.find(part) != std::string_view::npos; };
    if (!has("null") && !has("{}") && !has("[]")) return true;
    bool found = false;
    ObjectReader().each_leaf(text, [&](std::string_view, const model::RawValue&) { found = true; });
    return found;
  }
};

class AnyToken final : public TextMatcher {
 public:
  explicit AnyToken(std::shared_ptr<const TextMatcher> matcher) : matcher_(std::move(matcher)) {}
  bool matches(std::string_view text) const override {
    const auto tokens = tokens_of(text);
    return std::any_of(tokens.begin(), tokens.end(),
                       [&](const std::string& token) { return matcher_->matches(token); });
  }

  std::size_t memory_bytes() const override { return sizeof *this + matcher_->memory_bytes(); }

 private:
  std::shared_ptr<const TextMatcher> matcher_;
};

bool is_unmapped(const Field& field) {
  return field == Field::unmapped;
}

bool is_float(const Series& series) {
  return series.mapping() == MappingType::single_precision;
}

EsResult<double> real_of(const Series& series, const std::string& text) {
  const auto value = parse_real(text);
  if (!value) return failed_to_create_query(series, not_a_number(text));
  if (!is_float(series)) return *value;
  const auto rounded = static_cast<float>(*value);
  if (!std::isfinite(rounded)) {
    return failed_to_create_query(series,
                                  illegal_argument("[float] supports only finite values, but got [" + text + "]"));
  }
  return static_cast<double>(rounded);
}

EsResult<bool> boolean_of(const Series& series, const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return failed_to_create_query(
      series, illegal_argument("Can't parse boolean value [" + text + "], expected [true] or [false]"));
}

/// A number as the integers on both sides of it.
struct Neighbours {
  std::int64_t floor;
  std::int64_t ceiling;
  bool below_all = false;
  bool above_all = false;
};

EsResult<Neighbours> neighbours_of(const Series& series, const std::string& text) {
  if (series.mapping() == MappingType::boolean) {
    ES_TRY(const bool flag, boolean_of(series, text));
    return Neighbours{flag, flag};
  }
  if (const auto whole = parse_whole(text)) return Neighbours{*whole, *whole};
  const auto real = parse_real(text);
  if (!real) return failed_to_create_query(series, not_a_number(text));
  // 2^63 is the first double that is too large.
  if (*real >= 9223372036854775808.0) return Neighbours{integer_max, integer_max, false, true};
  if (*real < -9223372036854775808.0) return Neighbours{integer_min, integer_min, true, false};
  return Neighbours{static_cast<std::int64_t>(std::floor(*real)), static_cast<std::int64_t>(std::ceil(*real))};
}

EsResult<Filter> integers_between(const Series& series, const Bounds& bounds) {
  std::int64_t low = integer_min;
  std::int64_t high = integer_max;
  if (bounds.low) {
    ES_TRY(const Neighbours at, neighbours_of(series, *bounds.low));
    if (at.above_all) return Filter::none();
    low = bounds.low_included ? at.ceiling : at.floor;
    if (!bounds.low_included && !at.below_all) {
      if (low == integer_max) return Filter::none();
      ++low;
    }
  }
  if (bounds.high) {
    ES_TRY(const Neighbours at, neighbours_of(series, *bounds.high));
    if (at.below_all) return Filter::none();
    high = bounds.high_included ? at.floor : at.ceiling;
    if (!bounds.high_included && !at.above_all) {
      if (high == integer_min) return Filter::none();
      --high;
    }
  }
  return Filter::integer_range(low, high);
}

/// The next double in total order.
double next_real(double value, bool up, bool as_float) {
  if (value == 0 && std::signbit(value) == up) return up ? 0.0 : -0.0;
  if (as_float) {
    return static_cast<double>(std::nextafter(static_cast<float>(value), up ? HUGE_VALF : -HUGE_VALF));
  }
  return std::nextafter(value, up ? HUGE_VAL : -HUGE_VAL);
}

EsResult<Filter> reals_between(const Series& series, const Bounds& bounds) {
  double low = -HUGE_VAL;
  double high = HUGE_VAL;
  if (bounds.low) {
    ES_TRY(low, real_of(series, *bounds.low));
    if (!bounds.low_included) low = next_real(low, true, is_float(series));
  }
  if (bounds.high) {
    ES_TRY(high, real_of(series, *bounds.high));
    if (!bounds.high_included) high = next_real(high, false, is_float(series));
  }
  return Filter::real_range(low, high);
}

struct DateRange {
  std::int64_t low = integer_min;
  std::int64_t high = integer_max;
};

EsResult<Moment> date_bound(const std::string& text, FillUp fill, const DateFormat& own, const Bounds& bounds,
                            Timestamp now) {
  return evaluate_date(text, bounds.format ? *bounds.format : own, {now, fill, bounds.zone});
}

/// Bounds in nanoseconds. `date` fields count in milliseconds: there a bound is moved to the millisecond's edge.
EsResult<DateRange> dates_between(bool in_ms, const Bounds& bounds, Timestamp now) {
  const DateFormat& own = bounds.has_number ? DateFormat::milliseconds()
                          : in_ms           ? DateFormat::date_millis()
                                            : DateFormat::date_nanos();
  const auto scaled = [&](const Moment& moment, std::int64_t step, bool is_low) {
    if (!in_ms) {
      const std::int64_t ns = moment.to_ns();
      return (step > 0 && ns == integer_max) || (step < 0 && ns == integer_min) ? ns : ns + step;
    }
    const std::int64_t ms = moment.to_ms() + step;
    const std::int64_t ns = Moment::from_ms(ms).to_ns();
    return is_low || ns == integer_max ? ns : ns + (ns_per_ms - 1);
  };
  DateRange range;
  if (bounds.low) {
    ES_TRY(const Moment moment,
           date_bound(*bounds.low, bounds.low_included ? FillUp::first : FillUp::last, own, bounds, now));
    range.low = scaled(moment, bounds.low_included ? 0 : 1, true);
    // Beyond what can be stored: nothing lies there.
    if (!bounds.low_included && moment.to_ns() == integer_max) range.high = integer_min;
  }
  if (bounds.high) {
    ES_TRY(const Moment moment,
           date_bound(*bounds.high, bounds.high_included ? FillUp::last : FillUp::first, own, bounds, now));
    range.high = std::min(range.high, scaled(moment, bounds.high_included ? 0 : -1, false));
  }
  return range;
}

Filter date_filter(const Field& field, const DateRange& range) {
  return field == Field::timestamp ? Filter::time_range(range.low, range.high)
                                   : Filter::integer_range(range.low, range.high);
}

EsResult<Filter> dates_equal(const Series& series, const Field& field, const std::vector<std::string>& values,
                             Timestamp now) {
  std::vector<Filter> filters;
  for (const std::string& value : values) {
    Bounds bounds;
    bounds.low = bounds.high = value;
    ES_TRY(const DateRange range, dates_between(field != Field::timestamp, bounds, now));
    filters.push_back(date_filter(field, range));
  }
  static_cast<void>(series);
  return Filter::any_of(std::move(filters));
}

bool is_date(const Series& series, const Field& field) {
  return field == Field::timestamp || (field == Field::value && series.mapping() == MappingType::date);
}

}  // namespace

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> tokens;
  std::string token;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (letter || c == '_') {
      token += c;
    } else if (c >= 'A' && c <= 'Z') {
      token += static_cast<char>(c - 'A' + 'a');
    } else if (!token.empty()) {
      tokens.push_back(std::move(token));
      token.clear();
    }
  }
  if (!token.empty()) tokens.push_back(std::move(token));
  return tokens;
}

std::shared_ptr<const TextMatcher> any_token(std::shared_ptr<const TextMatcher> matcher) {
  return std::make_shared<AnyToken>(std::move(matcher));
}

EsResult<Filter> equal_to_any(const Series& series, const Field& field, const std::vector<std::string>& values,
                              Timestamp now) {
  if (field == Field::inside_value) {
    return filter_inside(series, field.path(),
                         [&](const Series& one) { return equal_to_any(one, Field::value, values, now); });
  }
  if (is_unmapped(field) || values.empty()) return Filter::none();
  if (field == Field::id) return with_ids(series, values);
  if (Series::is_constant(field)) return Filter::constant(OneOf(values).matches(series.constant_text(field)));
  if (is_date(series, field)) {
    auto equal = dates_equal(series, field, values, now);
    // Unlike a range, which Elasticsearch reads before it makes a query.
    if (!equal) return failed_to_create_query(series, std::move(equal).error());
    return equal;
  }
  switch (series.mapping()) {
    case MappingType::double_precision:
    case MappingType::single_precision: {
      std::vector<double> reals;
      for (const std::string& value : values) {
        ES_TRY(const double real, real_of(series, value));
        reals.push_back(real);
      }
      return Filter::real_set(std::move(reals));
    }
    case MappingType::keyword:
      return Filter::text(std::make_shared<OneOf>(values));
    case MappingType::text:
      return Filter::text(any_token(std::make_shared<OneOf>(values)));
    case MappingType::object:
      return Filter::none();
    case MappingType::geo_point:
      return failed_to_create_query(series, illegal_argument("Geometry fields do not support exact searching, use "
                                                             "dedicated geometry queries instead: [value]"));
    default: {
      std::vector<std::int64_t> integers;
      for (const std::string& value : values) {
        ES_TRY(const Neighbours at, neighbours_of(series, value));
        if (at.floor == at.ceiling && !at.below_all && !at.above_all) integers.push_back(at.floor);
      }
      return Filter::integer_set(std::move(integers));
    }
  }
}

EsResult<Filter> between(const Series& series, const Field& field, const Bounds& bounds, Timestamp now) {
  if (field == Field::inside_value) {
    return filter_inside(series, field.path(),
                         [&](const Series& one) { return between(one, Field::value, bounds, now); });
  }
  if (is_unmapped(field)) return Filter::none();
  if (field == Field::id) {
    return failed_to_create_query(series, illegal_argument("Field [_id] of type [_id] does not support range queries"));
  }
  if (Series::is_constant(field)) return Filter::constant(TextBetween(bounds).matches(series.constant_text(field)));
  if (is_date(series, field)) {
    ES_TRY(const DateRange range, dates_between(field != Field::timestamp, bounds, now));
    return date_filter(field, range);
  }
  switch (series.kind()) {
    case model::ColumnKind::real:
      return reals_between(series, bounds);
    case model::ColumnKind::integer:
      return integers_between(series, bounds);
    case model::ColumnKind::text:
      break;
  }
  if (series.mapping() == MappingType::object) return Filter::none();
  if (series.mapping() == MappingType::geo_point) {
    return failed_to_create_query(series,
                                  illegal_argument("Field [value] of type [geo_point] does not support range queries"));
  }
  return text_like(series, field, "range", std::make_shared<TextBetween>(bounds));
}

EsResult<Filter> text_like(const Series& series, const Field& field, std::string_view query_name,
                           std::shared_ptr<const TextMatcher> matcher) {
  if (field == Field::inside_value) {
    return filter_inside(series, field.path(),
                         [&](const Series& one) { return text_like(one, Field::value, query_name, matcher); });
  }
  if (is_unmapped(field)) return Filter::none();
  if (Series::is_constant(field)) return Filter::constant(matcher->matches(series.constant_text(field)));
  if (field == Field::value && series.mapping() == MappingType::keyword) return Filter::text(std::move(matcher));
  if (field == Field::value && series.mapping() == MappingType::text)
    return Filter::text(any_token(std::move(matcher)));
  if (field == Field::value && series.mapping() == MappingType::object) return Filter::none();
  const std::string name(query_name);
  const std::string type(field == Field::timestamp ? "date_nanos"
                         : field == Field::id      ? "_id"
                                                   : model::to_string(series.mapping()));
  const std::string field_name(field == Field::timestamp ? "timestamp"
                               : field == Field::id      ? "_id"
                                                         : series.value_name);
  return query_refused(series, "Can only use " + name + " queries on keyword, text and wildcard fields - not on [" +
                                   field_name + "] which is of type [" + type + "]");
}

EsResult<bool> is_text(const Series& series, const Field& field) {
  if (field == Field::inside_value) {
    ES_TRY(const Series inside, series_inside(series, field.path()));
    return inside.mapping() == MappingType::text;
  }
  return field == Field::value && series.mapping() == MappingType::text;
}

EsResult<Filter> exists(const Series& series, const Field& field) {
  if (field == Field::inside_value) return exists_inside(series, field.path());
  if (is_unmapped(field)) return Filter::none();
  if (field == Field::value && series.mapping() == MappingType::object) {
    return Filter::text(std::make_shared<NotEmptyObject>());
  }
  return Filter::all();
}

}  // namespace iot::query

#include "query/value_source.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "query/date_math.h"

namespace iot::query {
namespace {

using model::MappingType;

EsError not_aggregatable(const std::string& field, std::string_view type, std::string_view aggregation) {
  return illegal_argument("Field [" + field + "] of type [" + std::string(type) +
                          "] is not supported for aggregation [" + std::string(aggregation) + "]")
      .on_shard();
}

/// A `missing` is read as a value of the field would be, also where no reading lacks one.
EsResult<void> check_missing(const std::string& text, NumberLook look, Timestamp now) {
  if (parse_real(text)) return {};
  if (look == NumberLook::boolean && text != "true" && text != "false") {
    return illegal_argument("Cannot parse boolean [" + text + "], expected either [true] or [false]").on_shard();
  }
  if (look == NumberLook::plain) return not_a_number(text).on_shard();
  if (look == NumberLook::date) ES_CHECK(evaluate_date(text, DateFormat::date_millis(), {now, FillUp::first, {}}));
  return {};
}

}  // namespace

EsResult<bool> SourceOptions::take(std::string_view type, const JsonMember& member) {
  if (member.name == "field") {
    if (!member.value.is_string()) return wrong_kind(type, member);
    ES_TRY(field_name, read_text(type, member));
    field = field_named(field_name);
    if (field == Field::inside_value) {
      path = field.path();
      field = Field::value;
    }
    return true;
  }
  if (member.name == "missing") {
    ES_TRY(missing, read_text(type, member));
    return true;
  }
  if (member.name == "script") {
    return illegal_argument("[script] in aggregation [" + std::string(type) + "] is not supported");
  }
  return false;
}

EsResult<void> SourceOptions::check() const {
  if (field_name.empty()) {
    return illegal_argument("Required one of fields [field, script], but none were specified.");
  }
  return {};
}

EsResult<NumberSource> NumberSource::of(const Series& series, const SourceOptions& options, std::string_view type,
                                        Timestamp now) {
  NumberSource source;
  const auto mapped = [&](Kind kind, NumberLook look) -> EsResult<NumberSource> {
    source.kind_ = kind;
    source.look_ = look;
    if (options.missing) ES_CHECK(check_missing(*options.missing, look, now));
    return source;
  };
  switch (options.field) {
    case Field::timestamp:
      return mapped(Kind::time, NumberLook::date);
    case Field::device_id:
    case Field::sensor_id:
      return not_aggregatable(options.field_name, "keyword", type);
    case Field::id:
    case Field::index:
      return not_aggregatable(options.field_name, options.field_name, type);
    case Field::value:
      switch (series.mapping()) {
        case MappingType::double_precision:
        case MappingType::single_precision:
          return mapped(Kind::real, NumberLook::plain);
        case MappingType::date:
          return mapped(Kind::date, NumberLook::date);
        case MappingType::boolean:
          return mapped(Kind::integer, NumberLook::boolean);
        case MappingType::long_integer:
        case MappingType::integer:
        case MappingType::short_integer:
        case MappingType::byte_integer:
          return mapped(Kind::integer, NumberLook::plain);
        case MappingType::text:
          return fielddata_disabled(series, series.value_name);
        case MappingType::keyword:
          return not_aggregatable(series.value_name, "keyword", type);
        case MappingType::geo_point:
          return not_aggregatable(series.value_name, "geo_point", type);
        case MappingType::object:
          break;
      }
      break;
    case Field::unmapped:
    case Field::inside_value:
      break;
  }
  if (!options.missing) return source;
  source.kind_ = Kind::constant;
  if (const auto number = parse_real(*options.missing)) {
    source.constant_ = *number;
    return source;
  }
  ES_TRY(const Moment moment, evaluate_date(*options.missing, DateFormat::date_millis(), {now, FillUp::first, {}}));
  source.constant_ = static_cast<double>(moment.to_ms());
  return source;
}

EsResult<void> NumberSource::check_time_zone(const Series& series) const {
  if (kind_ != Kind::real && kind_ != Kind::integer) return {};
  return illegal_argument("Field [" + series.value_name + "] of type [" +
                          std::string(model::to_string(series.mapping())) + "] does not support custom time zones")
      .on_shard();
}

std::optional<double> NumberSource::constant() const {
  return kind_ == Kind::constant ? std::optional(constant_) : std::nullopt;
}

const double* NumberSource::values(const store::Block& block, Selection selection, std::vector<double>& scratch) const {
  const std::size_t size = selection.size();
  if (kind_ == Kind::real && selection.is_dense()) return block.reals.data() + (size ? selection[0] : 0);
  scratch.resize(size);
  const auto fill = [&](auto&& value_at) {
    for (std::size_t i = 0; i < size; ++i) scratch[i] = value_at(selection[i]);
  };
  const auto ms = [](std::int64_t ns) { return static_cast<double>(floor_div(ns, ns_per_ms)); };
  switch (kind_) {
    case Kind::none:
      break;
    case Kind::time:
      fill([&](std::size_t at) { return ms(block.times_ns[at]); });
      break;
    case Kind::real:
      fill([&](std::size_t at) { return block.reals[at]; });
      break;
    case Kind::integer:
      fill([&](std::size_t at) { return static_cast<double>(block.integers[at]); });
      break;
    case Kind::date:
      fill([&](std::size_t at) { return ms(block.integers[at]); });
      break;
    case Kind::constant:
      fill([&](std::size_t) { return constant_; });
      break;
  }
  return scratch.data();
}

std::optional<NumberSource::Digest> NumberSource::digest(const store::Summary& summary, bool with_sum) const {
  const auto ms = [](std::int64_t ns) { return static_cast<double>(floor_div(ns, ns_per_ms)); };
  switch (kind_) {
    case Kind::real:
      if (!summary.numbers) return {};
      return Digest{summary.numbers->min, summary.numbers->max, summary.numbers->sum};
    case Kind::integer:
      if (!summary.integers || (with_sum && !summary.integers->sum)) return {};
      return Digest{static_cast<double>(summary.integers->min), static_cast<double>(summary.integers->max),
                    static_cast<double>(summary.integers->sum.value_or(0))};
    case Kind::date:
      if (!summary.integers || with_sum) return {};
      return Digest{ms(summary.integers->min), ms(summary.integers->max), 0};
    case Kind::time:
      if (with_sum) return {};
      return Digest{ms(summary.first.ns), ms(summary.last.ns), 0};
    case Kind::constant:
      return Digest{constant_, constant_, constant_ * static_cast<double>(summary.count)};
    case Kind::none:
      break;
  }
  return {};
}

std::optional<NumberSource::Digest> NumberSource::placing(const Run& run) const {
  if (kind_ != Kind::time) return digest(*run.summary, false);
  const auto ms = [](Timestamp time) { return static_cast<double>(floor_div(time.ns, ns_per_ms)); };
  return Digest{ms(run.bounds.first), ms(run.bounds.last), 0};
}

std::string number_text(double value) {
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-3 && size < 1e7);
  // The shortest digits that give the number again, and a point in any case.
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific)
                       .ptr;
  std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  // Java shows two digits at least, and of those the nearest: the least number is 4.9E-324.
  std::array<char, 32> two{};
  if (!plain && text.find('.') == std::string_view::npos) {
    const auto last = std::to_chars(two.data(), two.data() + two.size(), value, std::chars_format::scientific, 1).ptr;
    const std::string_view nearest(two.data(), static_cast<std::size_t>(last - two.data()));
    if (parse_real(nearest) == value) text = nearest;
  }
  const auto exponent = text.find('e');
  std::string number(text.substr(0, exponent));
  if (number.find('.') == std::string::npos) number += ".0";
  if (exponent != std::string_view::npos) number += "E" + std::to_string(std::atoi(text.data() + exponent + 1));
  return number;
}

std::string look_text(double value, NumberLook look) {
  if (look == NumberLook::plain) return {};
  if (look == NumberLook::boolean) return value != 0 ? "true" : "false";
  // A sum of dates may lie past 64 bits, where it is held: the largest double below 2^63, and as far down.
  constexpr double ms_max = 9'223'372'036'854'774'784.0;
  // What is not a number becomes 0, as in Java.
  const auto ms = std::isnan(value) ? 0 : static_cast<std::int64_t>(std::clamp(value, -ms_max, ms_max));
  return DateFormat::date_millis().write(Moment::from_ms(ms), TimeZone());
}

void write_look(JsonWriter& json, std::string_view name, double value, NumberLook look) {
  if (look != NumberLook::plain) write_look_as(json, std::string(name) + "_as_string", value, look);
}

void write_look_as(JsonWriter& json, std::string_view name, double value, NumberLook look) {
  if (look != NumberLook::plain) json.key(name).string(look_text(value, look));
}

}  // namespace iot::query

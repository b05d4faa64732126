#include "query/composite_source.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "query/date_math.h"

namespace iot::query {
namespace {

double real_of(std::int64_t code) {
  return std::bit_cast<double>(code ^ static_cast<std::int64_t>(static_cast<std::uint64_t>(code >> 63) >> 1));
}

std::int64_t whole_ms(double number) {
  return static_cast<std::int64_t>(std::clamp(number, -9e15, 9e15));
}

/// As Java names a constant that an enumeration does not have.
EsError no_constant(std::string_view enumeration, std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
  return illegal_argument("No enum constant org.elasticsearch.search." + std::string(enumeration) + "." + name);
}

EsResult<bool> read_is_descending(std::string_view type, const JsonMember& member) {
  ES_TRY(std::string text, read_text(type, member));
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  if (text == "asc" || text == "desc") return text == "desc";
  return failed_field(type, member, no_constant("sort.SortOrder", std::move(text)));
}

EsResult<CompositeSource::MissingOrder> read_missing_order(std::string_view type, const JsonMember& member) {
  using Order = CompositeSource::MissingOrder;
  ES_TRY(std::string text, read_text(type, member));
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  if (text == "first") return Order::first;
  if (text == "last") return Order::last;
  if (text == "default") return Order::standard;
  return failed_field(type, member, no_constant("aggregations.bucket.composite.MissingOrder", std::move(text)));
}

/// What all types of sources share; false if the member is another option.
EsResult<bool> take_common(std::string_view type, const JsonMember& member, CompositeSource& source) {
  if (member.name == "missing_bucket") {
    ES_TRY(source.missing_bucket, read_flag(type, member));
  } else if (member.name == "missing_order") {
    ES_TRY(source.missing_order, read_missing_order(type, member));
  } else if (member.name == "order") {
    ES_TRY(source.descending, read_is_descending(type, member));
  } else if (member.name == "format") {
    ES_TRY(const std::string text, read_text(type, member));
    ES_TRY(source.format, DateFormat::parse(text));
  } else if (member.name == "value_type") {
    ES_CHECK(read_text(type, member));
  } else if (member.name == "missing") {
    return false;
  } else {
    return source.source.take(type, member);
  }
  return true;
}

/// The class that Java reads a scalar as.
std::string java_class(const JsonNode& node) {
  if (node.is_boolean()) return "Boolean";
  const auto whole = parse_whole(node.text);
  if (!whole) return "Double";
  return *whole >= INT32_MIN && *whole <= INT32_MAX ? "Integer" : "Long";
}

/// {"name": {...}}: the one member of an object.
EsResult<const JsonMember*> only_member(const JsonNode& node) {
  const auto expected = [](Position at, std::string_view what, std::string_view found) {
    return parsing_error(at, "Failed to parse object: expecting token of type [" + std::string(what) + "] but found [" +
                                 std::string(found) + "]");
  };
  if (!node.is_object()) return expected(node.at, "START_OBJECT", node.token_name());
  if (node.members.empty()) return expected(node.at, "FIELD_NAME", "END_OBJECT");
  const JsonNode& first = node.members[0].value;
  if (!first.is_object()) return expected(first.at, "START_OBJECT", first.token_name());
  if (node.members.size() > 1) return expected(node.members[1].at, "END_OBJECT", "FIELD_NAME");
  return &node.members[0];
}

}  // namespace

EsResult<CompositeSource> CompositeSource::parse(const JsonNode& node, std::optional<Position>& at) {
  at = node.at;
  ES_TRY(const JsonMember* named, only_member(node));
  at = named->value.at;
  ES_TRY(const JsonMember* typed, only_member(named->value));
  at = typed->value.at;
  CompositeSource source;
  source.name = named->name;
  const std::string_view type = typed->name;
  if (type == "terms") {
    source.type = Type::terms;
  } else if (type == "histogram") {
    source.type = Type::histogram;
  } else if (type == "date_histogram") {
    source.type = Type::date_histogram;
  } else {
    return parsing_error(typed->value.at, "invalid source type: " + typed->name);
  }
  DateInterval interval;
  for (const JsonMember& member : typed->value.members) {
    at = member.value.at;
    ES_TRY(const bool taken, take_common(type, member, source));
    if (taken) continue;
    if (source.type == Type::date_histogram) {
      ES_TRY(const bool about_interval, interval.take(type, member));
      if (about_interval) continue;
    }
    if (source.type != Type::histogram || member.name != "interval") return unknown_field(type, member);
    ES_TRY(source.interval, read_number(type, member));
    if (source.interval <= 0) {
      return failed_field(type, member, illegal_argument("[interval] must be greater than 0 for [histogram] source"));
    }
  }
  at.reset();
  ES_CHECK(source.source.check());
  if (source.type == Type::date_histogram) {
    ES_TRY(source.rounding, interval.rounding());
    source.zone = interval.zone();
    source.has_zone = interval.has_zone();
  }
  if (source.type == Type::histogram && source.interval == 0) {
    return illegal_argument("Required [interval] is missing in [histogram]");
  }
  if (!source.missing_bucket && source.missing_order != MissingOrder::standard) {
    return illegal_argument("missingOrder can only be set if missingBucket is true").on_shard();
  }
  return source;
}

std::int64_t KeyTexts::code_of(std::string_view text) {
  if (const auto found = codes_.find(text); found != codes_.end()) return found->second;
  constexpr std::size_t text_bytes = 128;
  execution_.charge(text.size() + text_bytes);
  texts_.push_back(std::make_unique<std::string>(text));
  const auto code = static_cast<std::int64_t>(texts_.size() - 1);
  codes_.emplace(*texts_.back(), code);
  return code;
}

CompositeColumn::Kind CompositeColumn::kind_in(const Series& series) const {
  const Field field = source_.source.field;
  const bool is_object = field == Field::value && series.mapping() == model::MappingType::object;
  if (field == Field::unmapped || is_object) return Kind::none;
  if (source_.type == CompositeSource::Type::histogram) return Kind::real;
  if (source_.type == CompositeSource::Type::date_histogram) return Kind::date;
  if (Series::is_constant(field)) return Kind::text;
  if (field == Field::timestamp) return Kind::date;
  switch (series.mapping()) {
    case model::MappingType::boolean:
      return Kind::boolean;
    case model::MappingType::date:
      return Kind::date;
    case model::MappingType::keyword:
      return Kind::text;
    case model::MappingType::text:
    case model::MappingType::geo_point:
    case model::MappingType::object:
      return Kind::none;
    default:
      return series.kind() == model::ColumnKind::real ? Kind::real : Kind::integer;
  }
}

CompositeColumn::CompositeColumn(const CompositeSource& source, Execution& execution) : source_(source) {
  if (!source.source.path.empty()) inside_ = std::make_unique<InsideField>(source.source.path, execution);
}

EsResult<void> CompositeColumn::prepare(std::span<const Series* const> series) {
  const auto is_number = [](Kind kind) { return kind == Kind::integer || kind == Kind::real; };
  for (const Series* one : series) {
    if (inside_) {
      auto made = inside_->series(*one);
      // An index that cannot say fails when it is begun, and the others answer.
      if (!made) continue;
      one = *made;
    }
    const Kind kind = kind_in(*one);
    if (kind == Kind::none || kind == kind_) continue;
    if (kind_ == Kind::none) {
      kind_ = kind;
    } else if (is_number(kind) && is_number(kind_)) {
      kind_ = Kind::real;
    } else {
      return EsError(400, "aggregation_execution_exception",
                     "the source [" + source_.name +
                         "] of aggregation [composite] has values of two different types in two different indices")
          .in_reduce();
    }
  }
  if (source_.format && is_number(kind_)) {
    return illegal_argument("[format] of numbers in aggregation [composite] is not supported");
  }
  return {};
}

EsResult<void> CompositeColumn::begin(const Series& document, KeyTexts& texts, Timestamp now) {
  const Series* seen = &document;
  if (inside_) {
    ES_TRY(seen, inside_->begin(document, now));
  }
  const Series& series = *seen;
  using Type = CompositeSource::Type;
  const Field field = source_.source.field;
  here_ = kind_in(series);
  constant_.reset();
  if (source_.type != Type::terms) {
    const std::string_view type = source_.type == Type::histogram ? "histogram" : "date_histogram";
    ES_TRY(numbers_, NumberSource::of(series, source_.source, type, now));
    if (source_.has_zone) ES_CHECK(numbers_.check_time_zone(series));
  } else if (field == Field::id) {
    return id_fielddata_disabled();
  } else if (field == Field::value && series.mapping() == model::MappingType::text) {
    return fielddata_disabled(series, series.value_name);
  } else if (field == Field::value && series.mapping() == model::MappingType::geo_point) {
    return illegal_argument("Field [" + series.value_name +
                            "] of type [geo_point] is not supported for aggregation [composite]")
        .on_shard();
  }
  if (here_ == Kind::none) {
    constant_ = KeyPart{0, true};
  } else if (source_.type == Type::terms && Series::is_constant(field)) {
    constant_ = KeyPart{texts.code_of(series.constant_text(field)), false};
  }
  return {};
}

std::int64_t CompositeColumn::code_of_number(double number) const {
  if (source_.type == CompositeSource::Type::date_histogram) return source_.rounding->key_of(whole_ms(number));
  return order_key(std::floor(number / source_.interval) * source_.interval);
}

/// Of a terms source that is neither constant nor a text.
std::int64_t CompositeColumn::code_at(const store::Block& block, std::size_t place) const {
  if (source_.source.field == Field::timestamp) return floor_div(block.times_ns[place], ns_per_ms);
  if (here_ == Kind::real) return order_key(block.reals[place]);
  if (here_ == Kind::date) return floor_div(block.integers[place], ns_per_ms);
  return kind_ == Kind::real ? order_key(static_cast<double>(block.integers[place])) : block.integers[place];
}

void CompositeColumn::read(const store::Block& block, Selection selection, KeyTexts& texts,
                           std::vector<KeyPart>& parts) {
  const std::size_t size = selection.size();
  parts.assign(size, constant_.value_or(KeyPart()));
  if (constant_) return;
  if (source_.type == CompositeSource::Type::terms) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t place = selection[i];
      parts[i].code = here_ == Kind::text ? texts.code_of(block.texts[place]) : code_at(block, place);
    }
    return;
  }
  const double* numbers = numbers_.values(block, selection, scratch_);
  if (source_.type == CompositeSource::Type::histogram) {
    for (std::size_t i = 0; i < size; ++i) parts[i].code = code_of_number(numbers[i]);
    return;
  }
  Rounding::Piece piece{1, 0};
  for (std::size_t i = 0; i < size; ++i) {
    const std::int64_t ms = whole_ms(numbers[i]);
    if (ms < piece.key_ms || ms >= piece.end_ms) piece = source_.rounding->piece_at(ms);
    parts[i].code = piece.key_ms;
  }
}

void CompositeColumn::read_each(const store::Block& block, Selection selection, KeyTexts& texts,
                                std::vector<KeyPart>& parts, std::vector<std::size_t>& begins) {
  parts.clear();
  begins.clear();
  std::size_t next = 0;
  const auto begin_up_to = [&](std::size_t place) {
    for (; next < selection.size() && selection[next] <= place; ++next) {
      // The one before has none.
      if (!begins.empty() && begins.back() == parts.size() && source_.missing_bucket) parts.push_back({0, true});
      begins.push_back(parts.size());
    }
  };
  inside_->column().read(block, selection, [&](const store::Block& values) {
    read(values, Selection::dense(0, values.size()), texts, of_values_);
    for (std::size_t i = 0; i < values.size(); ++i) {
      begin_up_to(values.places[i]);
      // Values of one reading are in order: those with the same part are neighbours.
      if (parts.size() == begins.back() || parts.back() != of_values_[i]) parts.push_back(of_values_[i]);
    }
  });
  begin_up_to(block.size());
  if (!begins.empty() && begins.back() == parts.size() && source_.missing_bucket) parts.push_back({0, true});
  begins.push_back(parts.size());
}

std::optional<std::pair<KeyPart, KeyPart>> CompositeColumn::over(const Run& run) const {
  if (constant_) return std::pair(*constant_, *constant_);
  if (!run.summary || has_many()) return {};
  const store::Summary& summary = *run.summary;
  const auto both = [](std::int64_t low, std::int64_t high) { return std::pair(KeyPart{low}, KeyPart{high}); };
  if (source_.type != CompositeSource::Type::terms) {
    const auto digest = numbers_.placing(run);
    if (!digest) return {};
    return both(code_of_number(digest->min), code_of_number(digest->max));
  }
  if (source_.source.field == Field::timestamp) {
    // Each of a period's readings has its own key.
    if (run.rolled_up) return {};
    return both(floor_div(summary.first.ns, ns_per_ms), floor_div(summary.last.ns, ns_per_ms));
  }
  if (here_ == Kind::real) {
    // 0.0 and -0.0 are two keys, and the summary does not tell them apart.
    if (!summary.numbers || (summary.numbers->min == 0 && summary.numbers->max == 0)) return {};
    return both(order_key(summary.numbers->min), order_key(summary.numbers->max));
  }
  if (!summary.integers) return {};
  const auto [low, high] = std::pair(summary.integers->min, summary.integers->max);
  if (here_ == Kind::date) return both(floor_div(low, ns_per_ms), floor_div(high, ns_per_ms));
  if (kind_ != Kind::real) return both(low, high);
  return both(order_key(static_cast<double>(low)), order_key(static_cast<double>(high)));
}

int CompositeColumn::compare(const KeyPart& a, const KeyPart& b, const KeyTexts& texts) const {
  using Order = CompositeSource::MissingOrder;
  const int direction = source_.descending ? -1 : 1;
  if (a.is_missing != b.is_missing) {
    const int value_to_missing = source_.missing_order == Order::first  ? 1
                                 : source_.missing_order == Order::last ? -1
                                                                        : direction;
    return a.is_missing ? -value_to_missing : value_to_missing;
  }
  if (a.code == b.code) return 0;
  if (kind_ == Kind::text) return (texts[a.code] < texts[b.code] ? -1 : 1) * direction;
  return (a.code < b.code ? -1 : 1) * direction;
}

void CompositeColumn::write(JsonWriter& json, const KeyPart& part, const KeyTexts& texts) const {
  if (part.is_missing) {
    json.null();
    return;
  }
  switch (kind_) {
    case Kind::text:
      json.string(texts[part.code]);
      return;
    case Kind::real:
      json.real(real_of(part.code));
      return;
    case Kind::boolean:
      json.boolean(part.code != 0);
      return;
    default:
      break;
  }
  if (source_.format) {
    json.string(source_.format->write(Moment::from_ms(part.code), source_.zone));
  } else {
    json.integer(part.code);
  }
}

EsResult<KeyPart> CompositeColumn::read_after(const JsonNode& node, KeyTexts& texts, Timestamp now) const {
  if (node.is_null() && source_.missing_bucket) return KeyPart{0, true};
  const std::string text = node.as_text();
  switch (kind_) {
    case Kind::none:
      return KeyPart();
    case Kind::text:
      if (node.is_string()) return KeyPart{texts.code_of(text)};
      return illegal_argument("invalid value, expected string, got " + java_class(node));
    case Kind::boolean:
      if (text == "true" || text == "false") return KeyPart{text == "true"};
      return illegal_argument("Cannot parse boolean [" + text + "], expected either [true] or [false]");
    case Kind::real:
      if (const auto number = parse_real(text)) return KeyPart{order_key(*number)};
      return not_a_number(text);
    case Kind::integer:
    case Kind::date:
      break;
  }
  if (source_.format) {
    if (text.starts_with("now")) return illegal_argument("now() is not supported in [after] key");
    ES_TRY(const Moment moment, evaluate_date(text, *source_.format, {now, FillUp::first, source_.zone}));
    return KeyPart{moment.to_ms()};
  }
  if (const auto whole = parse_whole(text)) return KeyPart{*whole};
  constexpr double whole_max = 9e18;
  const auto real = parse_real(text);
  if (!real || std::abs(*real) > whole_max) return not_a_number(text);
  return KeyPart{static_cast<std::int64_t>(*real)};
}

}  // namespace iot::query

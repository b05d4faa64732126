#include "query/hits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "model/value.h"
#include "query/date_math.h"
#include "query/document.h"
#include "query/json_fields.h"
#include "query/objects/inside_field.h"
#include "query/objects/shown_inside.h"
#include "query/objects/sort_values.h"
#include "query/plain_hits.h"
#include "query/shown_fields.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

constexpr std::size_t hit_bytes = 256;

int three_way(const SortValue& a, const SortValue& b) {
  const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
  if (a.kind == SortValue::Kind::integer && b.kind == SortValue::Kind::integer) return sign(a.integer, b.integer);
  if (a.kind == SortValue::Kind::text && b.kind == SortValue::Kind::text) return sign(a.text, b.text);
  if (a.kind == SortValue::Kind::real && b.kind == SortValue::Kind::real)
    return sign(order_key(a.real), order_key(b.real));
  const auto real = [](const SortValue& v) {
    return v.kind == SortValue::Kind::integer ? static_cast<double>(v.integer) : v.real;
  };
  return sign(real(a), real(b));
}

/// Where a value without a number stands: before, among or behind the others.
int rank_of(const SortValue& value) {
  return value.kind != SortValue::Kind::missing ? 0 : value.missing_first ? -1 : 1;
}

enum class SortType { none, whole, decimal, text };

SortType sort_type(const Series& series, Field field) {
  if (field == Field::timestamp) return SortType::whole;
  if (Series::is_constant(field)) return SortType::text;
  if (field != Field::value || series.mapping() == model::MappingType::object) return SortType::none;
  switch (series.kind()) {
    case model::ColumnKind::real:
      return SortType::decimal;
    case model::ColumnKind::integer:
      return SortType::whole;
    case model::ColumnKind::text:
      return SortType::text;
  }
  return SortType::none;
}

/// The type of number that the index's values of the key have, as a bit; 0 for another.
std::uint8_t number_type(const Series& series, const SortKey& key) {
  const SortType type = key.by == SortKey::By::field ? sort_type(series, key.field) : SortType::none;
  if (type == SortType::whole) return 1;
  if (type != SortType::decimal) return 0;
  return series.mapping() == model::MappingType::single_precision ? 2 : 4;
}

std::string_view type_text(SortType type) {
  return type == SortType::whole ? "LONG" : type == SortType::decimal ? "DOUBLE" : "STRING";
}

/// A field that the index lacks sorts as the type that was asked for: numbers and dates as the least or the greatest
/// one.
SortValue unmapped_value(const SortKey& key) {
  SortValue value;
  value.missing_first = key.missing_first;
  const std::string type = key.unmapped_type.value_or("");
  const bool greatest = key.missing_first != key.ascending;
  if (type == "double" || type == "float" || type == "half_float") {
    value.kind = SortValue::Kind::real;
    value.real = greatest ? HUGE_VAL : -HUGE_VAL;
  } else if (type != "keyword" && type != "ip") {
    value.kind = SortValue::Kind::integer;
    value.integer = greatest ? INT64_MAX : INT64_MIN;
  }
  return value;
}

EsResult<void> check_unmapped_type(const std::string& type) {
  constexpr std::array<std::string_view, 16> known{
      "double",        "float",   "half_float", "scaled_float", "long",    "integer", "short",     "byte",
      "unsigned_long", "boolean", "date",       "date_nanos",   "keyword", "ip",      "geo_point", "text"};
  if (std::find(known.begin(), known.end(), type) != known.end()) return {};
  return illegal_argument("No mapper found for type [" + type + "]").on_shard();
}

/// A text has no values beside its words.
EsResult<void> check_shown(const DocvalueField& field, const Series& series) {
  if (field.pattern == "_id") return id_fielddata_disabled();
  if (series.mapping() != model::MappingType::text || !fits_wildcard(field.pattern, "value")) return {};
  return fielddata_disabled(series, series.value_name);
}

/// Numbers are never null: of a hit without one the greatest or the least is shown.
EsResult<void> check_not_null(const SortKey& key, std::size_t position, const Series& series) {
  const SortType type = sort_type(series, key.field);
  const bool is_mapped = type != SortType::none;
  const SortValue unmapped = unmapped_value(key);
  std::string_view name = "LONG";
  if (is_mapped ? type == SortType::text : unmapped.kind == SortValue::Kind::missing) return {};
  if (is_mapped ? type == SortType::decimal : unmapped.kind == SortValue::Kind::real) name = "DOUBLE";
  if (key.field == Field::value && is_mapped) {
    if (series.mapping() == model::MappingType::single_precision) name = "FLOAT";
    if (series.mapping() == model::MappingType::integer || series.mapping() == model::MappingType::short_integer ||
        series.mapping() == model::MappingType::byte_integer) {
      name = "INT";
    }
  }
  return illegal_argument("[search_after] value at position " + std::to_string(position) +
                          " cannot be null for sort field [" + (is_mapped ? key.name : "__anonymous_") + "] of type [" +
                          std::string(name) + "].")
      .on_shard();
}

EsResult<void> check_key(const SortKey& key, const Series& series) {
  if (key.by != SortKey::By::field) return {};
  if (key.field == Field::id) return id_fielddata_disabled();
  if (sort_type(series, key.field) == SortType::none && key.unmapped_type)
    ES_CHECK(check_unmapped_type(*key.unmapped_type));
  if (sort_type(series, key.field) == SortType::none && !key.unmapped_type) {
    std::string uuid, name;
    append_json_string(uuid, index_uuid(series.name));
    append_json_string(name, series.name);
    return EsError(400, "query_shard_exception", "No mapping found for [" + key.name + "] in order to sort on")
        .with("index_uuid", uuid)
        .with("index", name)
        .on_shard();
  }
  // What stands in for a missing number must be one, though no reading lacks it.
  const SortType type = sort_type(series, key.field);
  if (key.missing_value && (type == SortType::whole || type == SortType::decimal) && !parse_real(*key.missing_value)) {
    return not_a_number(*key.missing_value).on_shard();
  }
  if (key.field != Field::value) return {};
  if (series.mapping() == model::MappingType::text) return fielddata_disabled(series, series.value_name);
  if (series.mapping() == model::MappingType::geo_point) {
    return illegal_argument("can't sort on geo_point field without using specific sorting feature, like geo_distance")
        .on_shard();
  }
  return {};
}

int compare_documents(const Hit& a, const Hit& b) {
  const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
  if (const int order = sign(a.ordinal, b.ordinal); order != 0) return order;
  if (const int order = sign(a.time_ns, b.time_ns); order != 0) return order;
  if (const int order = sign(order_key(a.real), order_key(b.real)); order != 0) return order;
  if (const int order = sign(a.integer, b.integer); order != 0) return order;
  return sign(a.text, b.text);
}

/// A document's place as the sort value of `_shard_doc`: "<ordinal of the index>:<time in ns>:<kind><value>". Where a
/// cluster counts documents, readings have nothing but themselves.
std::string document_place(const Hit& hit) {
  std::string text = std::to_string(hit.ordinal) + ":" + std::to_string(hit.time_ns) + ":";
  switch (hit.series->kind()) {
    case model::ColumnKind::real:
      text += 'r';
      append_json_real(text, hit.real);
      break;
    case model::ColumnKind::integer:
      text += 'i' + std::to_string(hit.integer);
      break;
    case model::ColumnKind::text:
      text += 't' + hit.text;
      break;
  }
  return text;
}

EsResult<void> read_document_place(const JsonNode& node, Hit& place) {
  const std::string text = node.is_string() ? node.text : std::string();
  const auto first = text.find(':');
  const auto second = first == std::string::npos ? first : text.find(':', first + 1);
  if (second != std::string::npos && second + 1 < text.size()) {
    const auto ordinal = parse_whole(std::string_view(text).substr(0, first));
    const auto time = parse_whole(std::string_view(text).substr(first + 1, second - first - 1));
    const std::string value = text.substr(second + 2);
    const auto real = parse_real(value);
    const auto integer = parse_whole(value);
    const char kind = text[second + 1];
    if (kind == 't') place.text = value;
    if (kind == 'r' && real) place.real = *real;
    if (kind == 'i' && integer) place.integer = *integer;
    if (ordinal && *ordinal >= 0 && *ordinal <= UINT32_MAX && time &&
        (kind == 't' || (kind == 'r' && real) || (kind == 'i' && integer))) {
      place.ordinal = static_cast<std::uint32_t>(*ordinal);
      place.time_ns = *time;
      return {};
    }
  }
  return illegal_argument("[search_after] has no value of [_shard_doc] that a hit has shown").on_shard();
}

}  // namespace

HitCollector::HitCollector(const SearchRequest& request, Execution& execution)
    : request_(&request),
      execution_(&execution),
      kept_max_(static_cast<std::size_t>(request.size == 0 ? 0 : request.from + request.size)),
      inside_(request.sort.keys.size()),
      key_series_(request.sort.keys.size()),
      inside_values_(request.sort.keys.size()),
      as_decimal_(request.sort.keys.size()),
      number_types_(request.sort.keys.size()) {
  for (std::size_t i = 0; i < inside_.size(); ++i) {
    if (!keys()[i].path.empty()) inside_[i] = std::make_unique<InsideField>(keys()[i].path, execution);
  }
  const auto place =
      std::find_if(keys().begin(), keys().end(), [](const SortKey& key) { return key.by == SortKey::By::document; });
  backwards_ = place != keys().end() && !place->ascending;
}

HitCollector::HitCollector(HitCollector&&) noexcept = default;
HitCollector& HitCollector::operator=(HitCollector&&) noexcept = default;
HitCollector::~HitCollector() = default;

EsResult<const Series*> HitCollector::series_of(std::size_t key, const Series& series) {
  if (!inside_[key]) return &series;
  return inside_[key]->series(series);
}

EsResult<HitCollector> HitCollector::make(const SearchRequest& request, Execution& execution, const Hit* after) {
  HitCollector collector(request, execution);
  ES_CHECK(collector.read_after(after));
  return collector;
}

EsResult<void> HitCollector::read_after(const Hit* after) {
  if (after) {
    after_ = *after;
    after_is_one_hit_ = true;
    return {};
  }
  if (request_->search_after.empty()) return {};
  Hit& place = after_.emplace();
  for (std::size_t i = 0; i < request_->search_after.size(); ++i) {
    const JsonNode& node = request_->search_after[i];
    if (keys()[i].by == SortKey::By::shard_document) {
      ES_CHECK(read_document_place(node, place));
      place.sort.emplace_back();
      continue;
    }
    ES_TRY(SortValue value, after_value(keys()[i], node));
    place.sort.push_back(std::move(value));
  }
  return {};
}

EsResult<SortValue> HitCollector::after_value(const SortKey& key, const JsonNode& node) const {
  SortValue value;
  value.missing_first = key.missing_first;
  if (key.by == SortKey::By::document) {
    return illegal_argument("[search_after] by [_doc] is not supported: sort by a field").on_shard();
  }
  if (node.is_null()) return value;
  if (!node.is_scalar())
    return parsing_error(
        node.at, "Expected [VALUE_STRING] or [VALUE_NUMBER] or [VALUE_BOOLEAN] or [VALUE_NULL] inside search_after.");
  const std::string text = node.as_text();
  if (key.field == Field::timestamp) {
    value.kind = SortValue::Kind::integer;
    // A bare number is what the answer showed: nanoseconds. With a format of its own, the text is read by that.
    if (const auto number = parse_whole(text); number && !key.format) {
      value.integer = *number;
      return value;
    }
    ES_TRY(const Moment moment, evaluate_date(text, key.format ? *key.format : DateFormat::date_nanos(),
                                              {execution_->now(), FillUp::first, {}}));
    value.integer = moment.to_ns();
    return value;
  }
  if (Series::is_constant(key.field) || node.is_string()) {
    value.kind = SortValue::Kind::text;
    value.text = text;
    const auto number = parse_real(text);
    // A number in quotes is one where numbers are sorted; which that is, is known when a value is there to compare
    // with.
    if (number && key.field == Field::value) {
      value.kind = SortValue::Kind::real;
      value.real = *number;
    }
    if (!number) return value;
    if (const auto whole = parse_whole(text); whole && key.field == Field::value) {
      value.kind = SortValue::Kind::integer;
      value.integer = *whole;
    }
    return value;
  }
  if (node.is_boolean()) {
    value.kind = SortValue::Kind::integer;
    value.integer = node.flag;
  } else if (const auto whole = parse_whole(text)) {
    value.kind = SortValue::Kind::integer;
    value.integer = *whole;
  } else if (const auto real = parse_real(text)) {
    value.kind = SortValue::Kind::real;
    value.real = *real;
  } else {
    return not_a_number(text).on_shard();
  }
  return value;
}

EsResult<void> HitCollector::prepare(std::span<const Series* const> series) {
  for (std::size_t i = 0; i < keys().size(); ++i) {
    const SortKey& key = keys()[i];
    if (key.by != SortKey::By::field) continue;
    SortType first = SortType::none;
    std::size_t floats = 0, sorted = 0;
    for (const Series* document : series) {
      ES_TRY(const Series* one, series_of(i, *document));
      const SortType type = sort_type(*one, key.field);
      if (one->mapping() == model::MappingType::single_precision) ++floats;
      if (type != SortType::none) ++sorted;
      if (type == SortType::none || type == first) continue;
      if (first != SortType::none && type != SortType::text && first != SortType::text) {
        as_decimal_[i] = true;
        continue;
      }
      if (first != SortType::none) {
        return illegal_argument("Can't sort on field [" + key.name + "]; the field has incompatible sort types: [" +
                                std::string(type_text(first)) + "] and [" + std::string(type_text(type)) +
                                "] across shards!")
            .in_reduce();
      }
      first = type;
    }
    if (key.field == Field::value && floats > 0 && floats < sorted) as_decimal_[i] = true;
  }
  return {};
}

EsResult<void> HitCollector::begin(const Series& series) {
  series_ = &series;
  after_here_ = after_;
  for (std::size_t i = 0; after_here_ && !after_is_one_hit_ && i < after_here_->sort.size(); ++i) {
    // What was shown of a float has a float's digits.
    if (keys()[i].by != SortKey::By::field || keys()[i].field != Field::value) continue;
    if (series.mapping() != model::MappingType::single_precision || as_decimal_[i]) continue;
    SortValue& value = after_here_->sort[i];
    if (value.kind == SortValue::Kind::real) value.real = static_cast<double>(static_cast<float>(value.real));
  }
  for (std::size_t i = 0; i < keys().size(); ++i) {
    key_series_[i] = &series;
    if (inside_[i]) {
      ES_TRY(key_series_[i], inside_[i]->begin(series, execution_->now()));
    }
    ES_CHECK(check_key(keys()[i], *key_series_[i]));
    if (i < request_->search_after.size() && request_->search_after[i].is_null() && !after_is_one_hit_ &&
        keys()[i].by == SortKey::By::field) {
      ES_CHECK(check_not_null(keys()[i], i, *key_series_[i]));
    }
    number_types_[i] |= number_type(*key_series_[i], keys()[i]);
    if (inside_[i]) ES_CHECK(check_sort_mode(keys()[i], *key_series_[i]));
  }
  if (wants_any()) {
    for (const DocvalueField& field : request_->docvalue_fields) ES_CHECK(check_shown(field, series));
    ES_CHECK(check_formats(series, request_->docvalue_fields));
    ES_CHECK(check_formats(series, request_->fields));
    const bool is_known = std::any_of(shown_inside_.begin(), shown_inside_.end(),
                                      [&](const auto& shown) { return shown.first == &series; });
    if (!is_known && series.mapping() == model::MappingType::object) {
      ES_TRY(auto shown, shown_inside(series, request_->docvalue_fields, request_->fields));
      if (!shown.empty()) shown_inside_.emplace_back(&series, std::move(shown));
    }
  }
  return {};
}

bool HitCollector::in_document_order() const noexcept {
  if (keys().empty()) return true;
  const SortKey& first = keys().front();
  return (first.by == SortKey::By::document && !backwards_) ||
         (first.by == SortKey::By::shard_document && first.ascending);
}

bool HitCollector::by_time() const noexcept {
  return !keys().empty() && keys().front().by == SortKey::By::field && keys().front().field == Field::timestamp;
}

bool HitCollector::may_take(std::int64_t time_ns) const noexcept {
  if (!is_full()) return true;
  const std::int64_t worst = this->worst().sort.front().integer;
  return time_ascending() ? time_ns <= worst : time_ns >= worst;
}

bool HitCollector::may_take(std::int64_t time_ns, std::uint32_t ordinal) const noexcept {
  const bool ties_by_document = is_full() && keys().size() == 1;
  if (!ties_by_document || time_ns != worst().sort.front().integer) return may_take(time_ns);
  return ordinal <= worst().ordinal;
}

store::TimeRange HitCollector::after_range() const noexcept {
  store::TimeRange range;
  if (!after_ || !by_time() || after_->sort.front().kind != SortValue::Kind::integer) return range;
  (time_ascending() ? range.first : range.last).ns = std::max(after_->sort.front().integer, timestamp_min.ns);
  return range;
}

SortValue HitCollector::value_of(std::size_t key_at, const store::Block& block, std::size_t place, float score) const {
  const SortKey& key = keys()[key_at];
  SortValue value;
  value.missing_first = key.missing_first;
  if (key.by == SortKey::By::document || key.by == SortKey::By::shard_document) {
    // All the same: ties are broken by the order of documents, which is what is asked for.
    value.kind = SortValue::Kind::integer;
    return value;
  }
  if (key.by == SortKey::By::score) {
    value.kind = SortValue::Kind::real;
    value.real = static_cast<double>(score);
    return value;
  }
  switch (sort_type(*key_series_[key_at], key.field)) {
    case SortType::none:
      if (!key.missing_value) return unmapped_value(key);
      if (const auto number = parse_real(*key.missing_value)) {
        value.kind = SortValue::Kind::real;
        value.real = *number;
      } else {
        value.kind = SortValue::Kind::text;
        value.text = *key.missing_value;
      }
      return value;
    case SortType::whole:
      value.kind = SortValue::Kind::integer;
      value.integer = key.field == Field::timestamp ? block.times_ns[place] : block.integers[place];
      if (key.field == Field::value && series_->mapping() == model::MappingType::date) {
        value.integer = floor_div(value.integer, ns_per_ms);
      }
      if (as_decimal_[key_at]) {
        value.kind = SortValue::Kind::real;
        value.real = static_cast<double>(value.integer);
      }
      return value;
    case SortType::decimal:
      value.kind = SortValue::Kind::real;
      value.real = block.reals[place];
      return value;
    case SortType::text:
      value.kind = SortValue::Kind::text;
      value.text = Series::is_constant(key.field) ? series_->constant_text(key.field) : std::string(block.texts[place]);
      return value;
  }
  return value;
}

int HitCollector::compare_keys(const Hit& a, const Hit& b) const {
  if (keys().empty()) return a.score > b.score ? -1 : a.score < b.score ? 1 : 0;
  for (std::size_t i = 0; i < keys().size(); ++i) {
    const SortKey& key = keys()[i];
    // No two documents have the same place: nothing behind it decides.
    if (key.by == SortKey::By::document) return 0;
    if (key.by == SortKey::By::shard_document) {
      if (const int sign = compare_documents(a, b); sign != 0) return key.ascending ? sign : -sign;
      continue;
    }
    const SortValue& left = a.sort[i];
    const SortValue& right = b.sort[i];
    if (const int rank = rank_of(left) - rank_of(right); rank != 0) return rank;
    if (rank_of(left) != 0) continue;
    if (const int sign = three_way(left, right); sign != 0) return key.ascending ? sign : -sign;
  }
  return 0;
}

bool HitCollector::comes_before(const Hit& a, const Hit& b) const {
  if (const int sign = compare_keys(a, b); sign != 0) return sign < 0;
  // The order of documents: by index, time and value, however they were met.
  return backwards_ ? compare_documents(b, a) < 0 : compare_documents(a, b) < 0;
}

bool HitCollector::is_passed(const Hit& candidate) const {
  if (!after_) return false;
  return after_is_one_hit_ ? !comes_before(*after_, candidate) : compare_keys(candidate, *after_here_) <= 0;
}

void HitCollector::offer(const store::Block& block, Selection selection, float score, std::span<const float> scores) {
  const std::size_t size = selection.size();
  const bool backwards = by_time() && !time_ascending();
  if (hits_.capacity() == 0) hits_.reserve(std::min(kept_max_, size));
  for (std::size_t i = 0; i < keys().size(); ++i) {
    if (inside_[i] && inside_[i]->has_values()) {
      inside_values_[i] = sort_values_inside(keys()[i], *inside_[i], block, selection);
    }
  }
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t at = backwards ? size - 1 - i : i;
    const std::size_t place = selection[at];
    // Best first: from here on all are worse.
    if (by_time() && !may_take(block.times_ns[place])) return;
    offer_one(block, place, at, scores.empty() ? score : scores[place]);
  }
}

void HitCollector::offer_one(const store::Block& block, std::size_t place, std::size_t at, float score) {
  // The first key alone mostly decides, without building the candidate.
  if (is_full() && !keys().empty()) {
    const SortKey& key = keys().front();
    const SortValue& worst = this->worst().sort.front();
    if (key.field == Field::value && key.by == SortKey::By::field && worst.kind == SortValue::Kind::real &&
        block.kind == model::ColumnKind::real) {
      const double value = block.reals[place];
      if (key.ascending ? value > worst.real : value < worst.real) return;
    }
  }
  candidate_.series = series_;
  candidate_.ordinal = series_->ordinal;
  candidate_.time_ns = block.times_ns[place];
  candidate_.score = score;
  candidate_.sort.clear();
  for (std::size_t i = 0; i < keys().size(); ++i) {
    if (!inside_[i] || !inside_[i]->has_values()) {
      candidate_.sort.push_back(value_of(i, block, place, score));
      continue;
    }
    SortValue& value = candidate_.sort.emplace_back(inside_values_[i][at]);
    if (as_decimal_[i] && value.kind == SortValue::Kind::integer) {
      value.kind = SortValue::Kind::real;
      value.real = static_cast<double>(value.integer);
    }
  }
  candidate_.real = 0;
  candidate_.integer = 0;
  candidate_.text.clear();
  switch (block.kind) {
    case model::ColumnKind::real:
      candidate_.real = block.reals[place];
      break;
    case model::ColumnKind::integer:
      candidate_.integer = block.integers[place];
      break;
    case model::ColumnKind::text:
      candidate_.text = block.texts[place];
      break;
  }
  if (is_passed(candidate_)) return;
  const auto better = [this](const Hit& a, const Hit& b) { return comes_before(a, b); };
  if (!is_full()) {
    execution_->charge(hit_bytes + candidate_.text.size());
    if (!hits_.empty() && in_order_) in_order_ = !comes_before(candidate_, hits_.back());
    hits_.push_back(std::move(candidate_));
    if (is_full() && !in_order_) std::make_heap(hits_.begin(), hits_.end(), better);
    return;
  }
  if (!comes_before(candidate_, worst())) return;
  if (in_order_) std::make_heap(hits_.begin(), hits_.end(), better);
  in_order_ = false;
  std::pop_heap(hits_.begin(), hits_.end(), better);
  std::swap(hits_.back(), candidate_);
  std::push_heap(hits_.begin(), hits_.end(), better);
}

std::optional<float> HitCollector::max_score() const {
  if (hits_.empty() || (!keys().empty() && !request_->track_scores && !request_->sort.needs_score())) return {};
  float best = hits_.front().score;
  for (const Hit& hit : hits_) best = std::max(best, hit.score);
  return best;
}

const std::vector<Hit>& HitCollector::ranked() {
  if (!in_order_) {
    std::sort(hits_.begin(), hits_.end(), [this](const Hit& a, const Hit& b) { return comes_before(a, b); });
    in_order_ = true;
  }
  return hits_;
}

void HitCollector::write(JsonWriter& json) {
  ranked();
  const bool plain = PlainHits::fit(*request_);
  PlainHits plain_hits;
  json.begin_array();
  for (auto i = static_cast<std::size_t>(request_->from); i < hits_.size(); ++i) {
    if (plain) {
      json.raw(plain_hits.text(hits_[i]));
    } else {
      write_hit(json, hits_[i], i);
    }
  }
  json.end_array();
}

void HitCollector::write_hit(JsonWriter& json, const Hit& hit, std::size_t rank) const {
  const Document document{*hit.series, hit.time_ns, hit.real, hit.integer, hit.text};
  const std::string value = document.value_json();
  json.begin_object();
  json.key("_index").string(hit.series->name);
  if (request_->shows_id) json.key("_id").string(document.id(value));
  // A reading is never changed: its first version is its only one.
  if (request_->shows_version) json.key("_version").integer(1);
  if (request_->shows_sequence) {
    json.key("_seq_no").integer(0);
    json.key("_primary_term").integer(1);
  }
  json.key("_score");
  if (keys().empty() || request_->track_scores || request_->sort.needs_score()) {
    json.real(hit.score);
  } else {
    json.null();
  }
  if (request_->source.shown) {
    json.key("_source");
    document.write_source(json, request_->source, value);
  }
  if (!request_->docvalue_fields.empty() || !request_->fields.empty()) {
    const auto shown = std::find_if(shown_inside_.begin(), shown_inside_.end(),
                                    [&](const auto& one) { return one.first == hit.series; });
    static const std::vector<ShownInside> nothing;
    document.write_fields(json, request_->docvalue_fields, request_->fields,
                          shown == shown_inside_.end() ? nothing : shown->second);
  }
  if (!keys().empty()) {
    json.key("sort").begin_array();
    for (std::size_t i = 0; i < keys().size(); ++i) write_sort_value(json, i, hit, rank);
    json.end_array();
  }
  json.end_object();
}

bool HitCollector::shows_decimals(std::size_t key) const noexcept {
  return as_decimal_[key] || std::popcount(number_types_[key]) > 1;
}

void HitCollector::write_sort_value(JsonWriter& json, std::size_t key_at, const Hit& hit, std::size_t rank) const {
  const SortKey& key = keys()[key_at];
  const SortValue& value = hit.sort[key_at];
  if (key.by == SortKey::By::document) {
    json.unsigned_integer(rank);
    return;
  }
  if (key.by == SortKey::By::shard_document) {
    json.string(document_place(hit));
    return;
  }
  if (key.format) {
    const std::string text = key.format->write(Moment::from_ns(value.integer), TimeZone());
    json.string(text);
    return;
  }
  const bool is_float = key.by == SortKey::By::field && key.field == Field::value && !shows_decimals(key_at) &&
                        hit.series->mapping() == model::MappingType::single_precision;
  switch (value.kind) {
    case SortValue::Kind::missing:
      json.null();
      break;
    case SortValue::Kind::integer:
      shows_decimals(key_at) ? json.real(static_cast<double>(value.integer)) : json.integer(value.integer);
      break;
    case SortValue::Kind::real:
      if (std::isinf(value.real)) {
        json.string(value.real > 0 ? "Infinity" : "-Infinity");
      } else if (is_float) {
        std::string text;
        model::append_value_json(text, model::MappingType::single_precision, value.real);
        json.raw(text);
      } else {
        json.real(value.real);
      }
      break;
    case SortValue::Kind::text:
      json.string(value.text);
      break;
  }
}

}  // namespace iot::query

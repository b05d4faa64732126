#include "query/field_clause.h"

#include <algorithm>
#include <array>
#include <utility>

#include "query/json_fields.h"
#include "query/objects/inside_field.h"
#include "query/wildcard.h"

namespace iot::query {
namespace {

/// A text that has the tokens one behind the other.
class Phrase final : public TextMatcher {
 public:
  explicit Phrase(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}
  bool matches(std::string_view text) const override {
    const auto found = tokens_of(text);
    return std::search(found.begin(), found.end(), tokens_.begin(), tokens_.end()) != found.end();
  }

  std::size_t memory_bytes() const override {
    std::size_t bytes = sizeof *this;
    for (const std::string& token : tokens_) bytes += sizeof token + token.size();
    return bytes;
  }

 private:
  std::vector<std::string> tokens_;
};

EsResult<Filter> tokens_condition(const TextSearch& search, const Series& series, const Field& field, Timestamp now) {
  std::vector<std::string> tokens = tokens_of(search.text);
  if (tokens.empty()) return Filter::constant(search.zero_terms == ZeroTerms::all);
  if (search.phrase) {
    const auto phrase = std::make_shared<Phrase>(std::move(tokens));
    if (field != Field::inside_value) return Filter::text(phrase);
    return filter_inside(series, field.path(), [&](const Series&) { return Filter::text(phrase); });
  }
  std::vector<Filter> filters;
  for (std::string& token : tokens) {
    ES_TRY(Filter one, equal_to_any(series, field, {std::move(token)}, now));
    filters.push_back(std::move(one));
  }
  return search.all_tokens ? Filter::all_of(std::move(filters)) : Filter::any_of(std::move(filters));
}

}  // namespace

EsResult<std::vector<WeightedField>> parse_weighted_field(std::string_view text) {
  float boost = 1;
  const auto caret = text.rfind('^');
  if (caret != std::string_view::npos) {
    const auto number = parse_real(text.substr(caret + 1));
    if (!number) return not_a_number(text.substr(caret + 1));
    boost = static_cast<float>(*number);
    text = text.substr(0, caret);
  }
  std::vector<WeightedField> fields;
  if (text.find('*') == std::string_view::npos) {
    fields.push_back({field_named(text), boost});
    return fields;
  }
  // Of several fields that the words do not fit, Elasticsearch names the value.
  if (fits_wildcard(text, "value")) fields.push_back({field_named("value"), boost, true});
  // Which fields there are inside objects, each index knows.
  if (may_name_inside(text)) fields.push_back({Field::inside(text), boost});
  constexpr std::array<std::string_view, 3> names{"timestamp", "device_id", "sensor_id"};
  for (const std::string_view name : names) {
    if (fits_wildcard(text, name)) fields.push_back({field_named(name), boost, true});
  }
  return fields;
}

EsResult<Filter> FieldClause::filter_of(const Series& series, const WeightedField& one, Timestamp now) const {
  const bool is_place = one.field == Field::value && series.mapping() == model::MappingType::geo_point;
  if (one.by_pattern && is_place) return Filter::none();
  return filter_of(series, one.field, now);
}

EsResult<Filter> FieldClause::filter_of(const Series& series, const Field& field, Timestamp now) const {
  if (field.is_pattern()) return filter_of_all(series, field, now);
  auto filter = condition_(series, field, now);
  if (!filter && lenient) return Filter::none();
  return filter;
}

EsResult<Filter> FieldClause::filter_of_all(const Series& series, const Field& pattern, Timestamp now) const {
  if (series.mapping() != model::MappingType::object) return Filter::none();
  if (!series.fields) return inside_not_supported(series);
  ES_TRY(const auto fields, series.fields->all(series));
  std::vector<Filter> filters;
  for (const ObjectField& one : fields) {
    if (!fits_wildcard(pattern.path(), "value." + one.name)) continue;
    ES_TRY(Filter filter, filter_of(series, Field::inside(one.name), now));
    filters.push_back(std::move(filter));
  }
  return Filter::any_of(std::move(filters));
}

EsResult<Filter> FieldClause::compile(const Series& series, Timestamp now) const {
  std::vector<Filter> filters;
  for (const WeightedField& one : fields_) {
    ES_TRY(Filter filter, filter_of(series, one, now));
    filters.push_back(std::move(filter));
  }
  return Filter::any_of(std::move(filters));
}

EsResult<void> FieldClause::add_scores(const Series& series, Timestamp now, const Filter& where,
                                       std::vector<ScorePart>& parts) const {
  std::vector<WeightedField> fields = fields_;
  if (scores == FieldScores::best) {
    // The best first; what matches it does not count again further down.
    std::stable_sort(fields.begin(), fields.end(),
                     [](const WeightedField& a, const WeightedField& b) { return a.boost > b.boost; });
    if (fields.empty() || fields.front().boost == fields.back().boost) {
      parts.push_back({where, boost * (fields.empty() ? 1 : fields.front().boost)});
      return {};
    }
  }
  Filter left = where;
  for (const WeightedField& one : fields) {
    ES_TRY(const Filter filter, filter_of(series, one, now));
    const Filter inside = both(left, filter);
    if (!inside.is_none()) parts.push_back({inside, boost * one.boost});
    if (scores == FieldScores::best) left = both(std::move(left), Filter::negated(filter));
  }
  return {};
}

FieldCondition text_condition(TextSearch search) {
  return [search = std::move(search)](const Series& series, const Field& field, Timestamp now) -> EsResult<Filter> {
    ES_TRY(const bool has_words, is_text(series, field));
    if (has_words) return tokens_condition(search, series, field, now);
    return equal_to_any(series, field, {search.text}, now);
  };
}

}  // namespace iot::query

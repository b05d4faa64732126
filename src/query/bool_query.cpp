#include "query/bool_query.h"

#include <algorithm>
#include <string>
#include <utility>

#include "query/json_fields.h"

namespace iot::query {

std::size_t MinimumShould::of(std::size_t clauses) const noexcept {
  const auto count = static_cast<std::int64_t>(clauses);
  const std::int64_t scaled = percent ? count * amount / 100 : amount;
  const std::int64_t needed = amount < 0 ? count + scaled : scaled;
  return static_cast<std::size_t>(needed < 0 ? 0 : needed);
}

EsResult<MinimumShould> read_minimum_should_match(std::string_view parser, const JsonMember& member) {
  ES_TRY(const std::string text, read_text(parser, member));
  MinimumShould minimum;
  std::string_view digits = text;
  if (digits.ends_with('%')) {
    minimum.percent = true;
    digits.remove_suffix(1);
  }
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const auto amount = parse_whole(digits);
  if (!amount || *amount > INT32_MAX || *amount < INT32_MIN) {
    return failed_field(parser, member, not_a_number(text));
  }
  minimum.amount = *amount;
  return minimum;
}

EsResult<Filter> BoolQuery::compile(const Series& series, Timestamp now) const {
  std::vector<Filter> needed;
  for (const auto* clauses : {&must, &filter}) {
    for (const QueryPtr& clause : *clauses) {
      ES_TRY(Filter one, clause->compile(series, now));
      needed.push_back(std::move(one));
    }
  }
  if (const std::size_t least = minimum_should(); least > 0) {
    std::vector<Filter> some;
    for (const QueryPtr& clause : should) {
      ES_TRY(Filter one, clause->compile(series, now));
      some.push_back(std::move(one));
    }
    needed.push_back(Filter::at_least(least, std::move(some)));
  } else {
    // A clause that counts for the score alone is still checked.
    for (const QueryPtr& clause : should) ES_CHECK(clause->compile(series, now));
  }
  for (const QueryPtr& clause : must_not) {
    ES_TRY(Filter one, clause->compile(series, now));
    needed.push_back(Filter::negated(std::move(one)));
  }
  return Filter::all_of(std::move(needed));
}

EsResult<void> BoolQuery::add_scores(const Series& series, Timestamp now, const Filter& where,
                                     std::vector<ScorePart>& parts) const {
  const std::size_t first = parts.size();
  for (const QueryPtr& clause : must) ES_CHECK(clause->add_scores(series, now, where, parts));
  for (const QueryPtr& clause : should) {
    ES_TRY(Filter matching, clause->compile(series, now));
    const Filter inside = both(where, std::move(matching));
    if (!inside.is_none()) ES_CHECK(clause->add_scores(series, now, inside, parts));
  }
  // Without any clause a bool is a match_all; with filters alone it scores nothing.
  if (must.empty() && should.empty() && filter.empty()) parts.push_back({where, must_not.empty() ? 1.0f : 0.0f});
  for (std::size_t i = first; i < parts.size(); ++i) parts[i].points *= boost;
  return {};
}

std::size_t BoolQuery::minimum_should() const {
  // Without any clause, or where clauses only exclude, nothing is there that could be demanded.
  if (should.empty()) return minimum && !(must.empty() && filter.empty()) ? minimum->of(0) : 0;
  // Where nothing else is demanded, at least one of the optional clauses must match, whatever was asked for.
  const std::size_t least = must.empty() && filter.empty() ? 1 : 0;
  return minimum ? std::max(least, minimum->of(should.size())) : least;
}

}  // namespace iot::query

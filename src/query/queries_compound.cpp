// Clauses around others that change what they score: dis_max, boosting; and nested, for which there are no fields.
#include <algorithm>
#include <memory>
#include <utility>

#include "query/query.h"
#include "query/query_options.h"

namespace iot::query {
namespace {

/// Each different score is asked for in turn of what has none yet.
constexpr std::size_t different_scores_max = 64;
/// One clause inside another doubles its parts.
constexpr std::size_t parts_max = 1'024;

/// Matches where any of its clauses does; scores as the best of them.
class DisMax final : public Query {
 public:
  std::vector<QueryPtr> queries;

  EsResult<Filter> compile(const Series& series, Timestamp now) const override {
    std::vector<Filter> filters;
    for (const QueryPtr& query : queries) {
      ES_TRY(Filter one, query->compile(series, now));
      filters.push_back(std::move(one));
    }
    return Filter::any_of(std::move(filters));
  }

  EsResult<void> add_scores(const Series& series, Timestamp now, const Filter& where,
                            std::vector<ScorePart>& parts) const override {
    std::vector<ScorePart> best;
    for (const QueryPtr& query : queries) {
      ES_TRY(Filter matching, query->compile(series, now));
      const Filter inside = both(where, std::move(matching));
      if (inside.is_none()) continue;
      const std::size_t before = best.size();
      ES_CHECK(query->add_scores(series, now, inside, best));
      // The best of sums would need every way in which the parts can meet.
      if (best.size() > before + 1) {
        return illegal_argument("[dis_max] of clauses whose scores are sums is not supported: sort by a field")
            .on_shard();
      }
    }
    std::stable_sort(best.begin(), best.end(),
                     [](const ScorePart& a, const ScorePart& b) { return a.points > b.points; });
    Filter left = Filter::all();
    std::size_t scores = 0;
    for (auto part = best.begin(); part != best.end();) {
      if (++scores > different_scores_max) {
        return illegal_argument("[dis_max] with more than 64 different scores is not supported").on_shard();
      }
      const float points = part->points;
      std::vector<Filter> equal;
      for (; part != best.end() && part->points == points; ++part) equal.push_back(std::move(part->where));
      Filter any = Filter::any_of(std::move(equal));
      Filter inside = both(left, any);
      if (!inside.is_none()) parts.push_back({std::move(inside), points * boost});
      left = both(std::move(left), Filter::negated(std::move(any)));
    }
    return {};
  }
};

/// Matches where `positive` does; what `negative` matches too scores less.
class Boosting final : public Query {
 public:
  QueryPtr positive, negative;
  float negative_boost = -1;

  EsResult<Filter> compile(const Series& series, Timestamp now) const override {
    ES_CHECK(negative->compile(series, now));
    return positive->compile(series, now);
  }

  EsResult<void> add_scores(const Series& series, Timestamp now, const Filter& where,
                            std::vector<ScorePart>& parts) const override {
    ES_TRY(const Filter less, negative->compile(series, now));
    std::vector<ScorePart> plain;
    ES_CHECK(positive->add_scores(series, now, where, plain));
    if (plain.size() > parts_max) {
      return illegal_argument("[boosting] of clauses with more than 1024 scores is not supported").on_shard();
    }
    for (const ScorePart& part : plain) {
      parts.push_back({both(part.where, Filter::negated(less)), part.points * boost});
      parts.push_back({both(part.where, less), part.points * boost * negative_boost});
    }
    std::erase_if(parts, [](const ScorePart& part) { return part.where.is_none(); });
    return {};
  }
};

/// No field of a reading is nested, which Elasticsearch refuses on the shard.
class Nested final : public Query {
 public:
  std::string path;
  bool ignore_unmapped = false;

  EsResult<Filter> compile(const Series& series, Timestamp) const override {
    if (ignore_unmapped) return Filter::none();
    return failed_to_create_query(series, EsError(400, "illegal_state_exception",
                                                  "[nested] failed to find nested object under path [" + path + "]"));
  }
};

}  // namespace

EsResult<QueryPtr> parse_dis_max(QueryParser& parser, std::string_view name, const JsonNode& body) {
  auto query = std::make_unique<DisMax>();
  bool has_queries = false;
  for (const JsonMember& member : body.members) {
    if (member.name == "queries") {
      has_queries = true;
      const bool one = member.value.is_object();
      if (!one && !member.value.is_array()) return query_does_not_support(name, member);
      if (!one && member.value.items.empty()) {
        return parsing_error(member.value.at, "[_na] query malformed, must start with start_object");
      }
      for (const JsonNode& each : one ? std::vector{member.value} : member.value.items) {
        ES_TRY(QueryPtr clause, parser.parse(each, name));
        query->queries.push_back(std::move(clause));
      }
    } else if (member.name == "tie_breaker") {
      ES_TRY(const double part, read_number(name, member));
      if (part != 0) return not_supported_with(name, "tie_breaker");
    } else if (member.name == "boost") {
      ES_TRY(query->boost, read_boost(name, member));
    } else if (member.name != "_name") {
      return query_does_not_support(name, member);
    }
  }
  if (!has_queries) return parsing_error(body.at, "[dis_max] requires 'queries' field with at least one clause");
  return QueryPtr(std::move(query));
}

EsResult<QueryPtr> parse_boosting(QueryParser& parser, std::string_view name, const JsonNode& body) {
  auto query = std::make_unique<Boosting>();
  for (const JsonMember& member : body.members) {
    if (member.name == "positive") {
      ES_TRY(query->positive, parser.parse(member.value, name));
    } else if (member.name == "negative") {
      ES_TRY(query->negative, parser.parse(member.value, name));
    } else if (member.name == "negative_boost") {
      ES_TRY(const double factor, read_number(name, member));
      query->negative_boost = static_cast<float>(factor);
    } else if (member.name == "boost") {
      ES_TRY(query->boost, read_boost(name, member));
    } else if (member.name != "_name") {
      return query_does_not_support(name, member);
    }
  }
  if (!query->positive) return parsing_error(body.at, "[boosting] query requires 'positive' query to be set'");
  if (!query->negative) return parsing_error(body.at, "[boosting] query requires 'negative' query to be set'");
  if (query->negative_boost < 0) {
    return parsing_error(body.at, "[boosting] query requires 'negative_boost' to be set to be a positive value'");
  }
  return QueryPtr(std::move(query));
}

EsResult<QueryPtr> parse_nested(QueryParser& parser, std::string_view name, const JsonNode& body) {
  auto query = std::make_unique<Nested>();
  bool has_query = false;
  for (const JsonMember& member : body.members) {
    if (member.name == "path") {
      ES_TRY(query->path, read_text(name, member));
    } else if (member.name == "query") {
      ES_CHECK(parser.parse(member.value, name));
      has_query = true;
    } else if (member.name == "ignore_unmapped") {
      ES_TRY(query->ignore_unmapped, read_flag(name, member));
    } else if (member.name == "inner_hits") {
      return not_supported_with(name, "inner_hits");
    } else if (member.name != "score_mode" && member.name != "boost" && member.name != "_name") {
      return query_does_not_support(name, member);
    }
  }
  if (query->path.empty()) return illegal_argument("[nested] requires 'path' field");
  if (!has_query) return illegal_argument("[nested] requires 'query' field");
  return QueryPtr(std::move(query));
}

}  // namespace iot::query

// top_hits: the first hits of each bucket.
#include <algorithm>
#include <array>
#include <utility>

#include "query/json_fields.h"
#include "query/shown_fields.h"
#include "query/top_hits_collector.h"

namespace iot::query {
namespace {

/// As index.max_inner_result_window.
constexpr std::int64_t window_max = 100;

class TopHits final : public TopHitsCollector {
 public:
  using TopHitsCollector::TopHitsCollector;

  void write(JsonWriter& json, Bucket bucket, const AnswerForm& form) override {
    constexpr std::size_t hit_bytes = 320;
    State* const found = state(bucket);
    HitCollector* const hits = found && found->hits ? &*found->hits : nullptr;
    if (hits) execution().charge(hits->count() * hit_bytes);
    json.key("hits").begin_object();
    const std::uint64_t count = found ? found->count : 0;
    json.key("total");
    if (form.totals_are_integers) {
      json.unsigned_integer(count);
    } else {
      json.begin_object();
      json.key("value").unsigned_integer(count);
      json.key("relation").string("eq");
      json.end_object();
    }
    const auto score = hits ? hits->max_score() : std::nullopt;
    json.key("max_score");
    score ? json.real(*score) : json.null();
    json.key("hits");
    if (hits) {
      hits->write(json);
    } else {
      json.begin_array().end_array();
    }
    json.end_object();
  }

  std::string_view type_name() const override { return "top_hits"; }
};

class TopHitsAggregation final : public Aggregation {
 public:
  TopHitsAggregation() { request.size = 3; }
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<TopHits>(request, execution);
  }
  SearchRequest request;
};

/// Options that are understood only where they change nothing.
EsResult<bool> take_false_option(std::string_view type, const JsonMember& member) {
  constexpr std::array<std::string_view, 3> names{"explain", "version", "seq_no_primary_term"};
  if (std::find(names.begin(), names.end(), member.name) == names.end()) return false;
  ES_TRY(const bool flag, read_flag(type, member));
  if (flag) return illegal_argument("[" + member.name + "] in aggregation [top_hits] is not supported");
  return true;
}

EsResult<std::int64_t> read_not_negative(const AggregationParser& parser, std::string_view type,
                                         const JsonMember& member) {
  ES_TRY(const std::int64_t number, read_integer(type, member));
  if (number < 0) {
    return illegal_argument("[" + member.name + "] must be greater than or equal to 0. Found [" +
                            std::to_string(number) + "] in [" + parser.name() + "]");
  }
  return number;
}

}  // namespace

ParsedAggregation parse_top_hits(AggregationParser& parser, std::string_view type, const JsonNode& body, Aggregations) {
  auto aggregation = std::make_unique<TopHitsAggregation>();
  SearchRequest& request = aggregation->request;
  for (const JsonMember& member : body.members) {
    const std::string& name = member.name;
    if (name == "from" || name == "size") {
      ES_TRY((name == "from" ? request.from : request.size), read_not_negative(parser, type, member));
    } else if (name == "sort") {
      ES_TRY(request.sort, parse_sort(member.value));
    } else if (name == "_source") {
      ES_TRY(request.source, parse_source_filter(member));
    } else if (name == "docvalue_fields") {
      ES_TRY(request.docvalue_fields, parse_shown_fields(member));
    } else if (name == "track_scores") {
      ES_TRY(request.track_scores, read_flag(type, member));
    } else if (name == "fields" || name == "stored_fields" || name == "script_fields" || name == "highlight") {
      return illegal_argument("[" + name + "] in aggregation [top_hits] is not supported");
    } else {
      ES_TRY(const bool taken, take_false_option(type, member));
      if (!taken) {
        return parsing_error(member.value.at,
                             "Unknown key for a " + std::string(member.value.token_name()) + " in [" + name + "].");
      }
    }
  }
  if (request.from + request.size > window_max) {
    return illegal_argument("Top hits result window is too large, the top hits aggregator [" + parser.name() +
                            "]'s from + size must be less than or equal to: [" + std::to_string(window_max) +
                            "] but was [" + std::to_string(request.from + request.size) +
                            "]. This limit can be set by changing the [index.max_inner_result_window] index level "
                            "setting.")
        .on_shard();
  }
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query

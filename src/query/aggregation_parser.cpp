#include <algorithm>
#include <array>
#include <utility>

#include "query/aggregation.h"
#include "query/json_fields.h"
#include "query/pipelines/pipeline.h"

namespace iot::query {
namespace {

struct Family {
  std::string_view type;
  ParseAggregation parse;
  bool has_buckets;
};

constexpr std::array<Family, 30> families{{
    {"min", parse_stats_family, false},
    {"max", parse_stats_family, false},
    {"sum", parse_stats_family, false},
    {"avg", parse_stats_family, false},
    {"stats", parse_stats_family, false},
    {"value_count", parse_value_count, false},
    {"percentiles", parse_percentiles, false},
    {"percentile_ranks", parse_percentile_ranks, false},
    {"extended_stats", parse_extended_stats, false},
    {"cardinality", parse_cardinality, false},
    {"median_absolute_deviation", parse_median_absolute_deviation, false},
    {"boxplot", parse_boxplot, false},
    {"weighted_avg", parse_weighted_avg, false},
    {"string_stats", parse_string_stats, false},
    {"top_hits", parse_top_hits, false},
    {"top_metrics", parse_top_metrics, false},
    {"geo_bounds", parse_geo_bounds, false},
    {"geo_centroid", parse_geo_centroid, false},
    {"date_histogram", parse_date_histogram, true},
    {"histogram", parse_histogram, true},
    {"terms", parse_terms_aggregation, true},
    {"filter", parse_filter_aggregation, true},
    {"missing", parse_missing_aggregation, true},
    {"range", parse_range_aggregation, true},
    {"date_range", parse_range_aggregation, true},
    {"filters", parse_filters_aggregation, true},
    {"global", parse_global_aggregation, true},
    {"composite", parse_composite, true},
    {"auto_date_histogram", parse_auto_date_histogram, true},
    {"rate", parse_rate, false},
}};

Aggregation::Outline outline_of(const JsonMember& definition, bool has_buckets, const Aggregations& below) {
  using Kind = Aggregation::Outline::Kind;
  constexpr std::array<std::string_view, 3> one_bucket{"filter", "missing", "global"};
  constexpr std::array<std::string_view, 3> histograms{"histogram", "date_histogram", "auto_date_histogram"};
  const auto is_one_of = [&](const auto& list) {
    return std::find(list.begin(), list.end(), definition.name) != list.end();
  };
  Aggregation::Outline outline;
  outline.type = definition.name;
  outline.kind = !has_buckets            ? Kind::metric
                 : is_one_of(one_bucket) ? Kind::one_bucket
                 : is_one_of(histograms) ? Kind::histogram
                                         : Kind::buckets;
  const JsonNode* least = definition.value.find("min_doc_count");
  outline.leaves_out_empty_buckets = least && parse_real(least->as_text()).value_or(0) > 0;
  // The objects stay where they are when the family takes over the level.
  for (const auto& one : below.collecting) outline.below.push_back(one.get());
  for (const auto& one : below.pipelines) outline.pipelines.push_back(one.get());
  return outline;
}

void append_json(std::string& out, const JsonNode& node) {
  JsonWriter json(out);
  const auto put = [](const auto& self, JsonWriter& to, const JsonNode& from) -> void {
    switch (from.kind) {
      case JsonNode::Kind::null:
        to.null();
        return;
      case JsonNode::Kind::boolean:
        to.boolean(from.flag);
        return;
      case JsonNode::Kind::number:
        to.raw(from.text);
        return;
      case JsonNode::Kind::string:
        to.string(from.text);
        return;
      case JsonNode::Kind::array:
        to.begin_array();
        for (const JsonNode& item : from.items) self(self, to, item);
        to.end_array();
        return;
      case JsonNode::Kind::object:
        to.begin_object();
        for (const JsonMember& member : from.members) {
          to.key(member.name);
          self(self, to, member.value);
        }
        to.end_object();
        return;
    }
  };
  put(put, json, node);
}

}  // namespace

EsResult<Aggregations> AggregationParser::parse(const JsonNode& node) {
  ES_TRY(Aggregations top, parse_level(node));
  ES_CHECK(validate_pipelines(top));
  if (order_fault_) return *order_fault_;
  return top;
}

EsResult<Aggregations> AggregationParser::parse_level(const JsonNode& node) {
  if (!node.is_object()) {
    return parsing_error(node.at,
                         "Expected [START_OBJECT] under [aggs], but got a [" + std::string(node.token_name()) + "]");
  }
  Aggregations level;
  for (const JsonMember& member : node.members) {
    if (member.name.empty() || member.name.find_first_of("[]>") != std::string::npos) {
      return parsing_error(member.at, "Invalid aggregation name [" + member.name +
                                          "]. Aggregation names can contain any character except '[', ']', and '>'");
    }
    ES_CHECK(parse_one(member, level));
  }
  if (auto ordered = order_pipelines(level); !ordered && !order_fault_) order_fault_ = std::move(ordered).error();
  return level;
}

EsResult<void> AggregationParser::parse_one(const JsonMember& member, Aggregations& level) {
  const std::string& name = member.name;
  if (!member.value.is_object()) {
    return parsing_error(member.value.at, "Aggregation definition for [" + name + " starts with a [" +
                                              std::string(member.value.token_name()) + "], expected a [START_OBJECT].");
  }
  const JsonMember* definition = nullptr;
  const JsonNode* below_node = nullptr;
  std::string meta;
  for (const JsonMember& part : member.value.members) {
    if (!part.value.is_object()) {
      return parsing_error(part.value.at, "Expected [START_OBJECT] under [" + part.name + "], but got a [" +
                                              std::string(part.value.token_name()) + "] in [" + name + "]");
    }
    if (part.name == "meta") {
      append_json(meta, part.value);
    } else if (part.name == "aggs" || part.name == "aggregations") {
      if (below_node) {
        return parsing_error(part.value.at, "Found two sub aggregation definitions under [" + name + "]");
      }
      below_node = &part.value;
    } else if (definition) {
      return parsing_error(part.value.at, "Found two aggregation type definitions in [" + name + "]: [" +
                                              definition->name + "] and [" + part.name + "]");
    } else {
      definition = &part;
    }
  }
  if (++count_ > aggregations_max) {
    return illegal_argument("A request may have at most [" + std::to_string(aggregations_max) + "] aggregations");
  }
  if (!definition) return parsing_error(member.value.at, "Missing definition for aggregation [" + name + "]");
  if (auto pipeline = parse_pipeline(definition->name, name, definition->value)) {
    ES_TRY(const std::shared_ptr<Pipeline> parsed, std::move(*pipeline));
    if (below_node) return illegal_argument("Aggregation [" + name + "] cannot define sub-aggregations");
    parsed->type = definition->name;
    parsed->meta_json = std::move(meta);
    level.pipelines.push_back(parsed);
    return {};
  }
  for (const Family& family : families) {
    if (family.type != definition->name) continue;
    path_.push_back({name, definition});
    Aggregations below;
    if (below_node) {
      ES_TRY(below, parse_level(*below_node));
    }
    if (!family.has_buckets && !below.empty()) {
      return EsError(400, "aggregation_initialization_exception",
                     "Aggregator [" + name + "] of type [" + definition->name + "] cannot accept sub-aggregations");
    }
    Aggregation::Outline outline = outline_of(*definition, family.has_buckets, below);
    ES_TRY(auto aggregation, family.parse(*this, definition->name, definition->value, std::move(below)));
    path_.pop_back();
    aggregation->name = name;
    aggregation->meta_json = std::move(meta);
    aggregation->outline = std::move(outline);
    level.collecting.push_back(std::move(aggregation));
    return {};
  }
  const Position at = definition->value.at;
  return parsing_error(at, "Unknown aggregation type [" + definition->name + "]")
      .caused_by({400, "named_object_not_found_exception",
                  "[" + std::to_string(at.line) + ":" + std::to_string(at.column) + "] unknown field [" +
                      definition->name + "]"});
}

}  // namespace iot::query

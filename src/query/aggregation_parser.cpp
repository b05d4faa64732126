#include <array>
#include <utility>

#include "query/aggregation.h"
#include "query/json_fields.h"

namespace iot::query {
namespace {

struct Family {
  std::string_view type;
  ParseAggregation parse;
  bool has_buckets;
};

constexpr std::array<Family, 23> families{{
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
}};

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
  if (!node.is_object()) {
    return parsing_error(node.at,
                         "Expected [START_OBJECT] under [aggs], but got a [" + std::string(node.token_name()) + "]");
  }
  Aggregations aggregations;
  for (const JsonMember& member : node.members) {
    if (member.name.empty() || member.name.find_first_of("[]>") != std::string::npos) {
      return parsing_error(member.at, "Invalid aggregation name [" + member.name +
                                          "]. Aggregation names can contain any character except '[', ']', and '>'");
    }
    ES_TRY(auto aggregation, parse_one(member));
    aggregations.push_back(std::move(aggregation));
  }
  return aggregations;
}

EsResult<std::unique_ptr<const Aggregation>> AggregationParser::parse_one(const JsonMember& member) {
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
  for (const Family& family : families) {
    if (family.type != definition->name) continue;
    Aggregations below;
    if (below_node) {
      ES_TRY(below, parse(*below_node));
    }
    if (!family.has_buckets && !below.empty()) {
      return EsError(400, "aggregation_initialization_exception",
                     "Aggregator [" + name + "] of type [" + definition->name + "] cannot accept sub-aggregations");
    }
    name_ = name;
    ES_TRY(auto aggregation, family.parse(*this, definition->name, definition->value, std::move(below)));
    aggregation->name = name;
    aggregation->meta_json = std::move(meta);
    return std::unique_ptr<const Aggregation>(std::move(aggregation));
  }
  const Position at = definition->value.at;
  return parsing_error(at, "Unknown aggregation type [" + definition->name + "]")
      .caused_by({400, "named_object_not_found_exception",
                  "[" + std::to_string(at.line) + ":" + std::to_string(at.column) + "] unknown field [" +
                      definition->name + "]"});
}

}  // namespace iot::query

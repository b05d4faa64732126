// top_metrics: single fields of the first readings of each bucket.
#include <algorithm>
#include <utility>

#include "query/document.h"
#include "query/json_fields.h"
#include "query/objects/inside_field.h"
#include "query/top_hits_collector.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

/// As index.top_metrics_max_size.
constexpr std::int64_t size_max = 10;
constexpr std::size_t metrics_max = 32;

struct Options {
  std::vector<SourceOptions> metrics;
  SearchRequest request;  ///< order and size
};

EsError not_supported(const SourceOptions& metric, std::string_view field_type) {
  return illegal_argument("Field [" + metric.field_name + "] of type [" + std::string(field_type) +
                          "] is not supported for aggregation [top_metrics]")
      .on_shard();
}

bool is_numeric(const Series& series) {
  return series.kind() != model::ColumnKind::text;
}

class TopMetrics final : public TopHitsCollector {
 public:
  TopMetrics(const Options& options, Execution& execution)
      : TopHitsCollector(options.request, execution), options_(options) {
    for (const SourceOptions& metric : options.metrics) {
      inside_.push_back(metric.path.empty() ? nullptr : std::make_unique<InsideField>(metric.path, execution));
    }
    if (const SortKey* const key = sort_key(); key && !key->path.empty()) sort_inside_.emplace(key->path, execution);
  }

  EsResult<void> begin(const Series& series) override {
    for (std::size_t i = 0; i < inside_.size(); ++i) {
      ES_TRY(const Series* seen, series_of(i, series));
      ES_CHECK(check_metric(options_.metrics[i], *seen));
    }
    if (const SortKey* const key = sort_key()) {
      const Series* sorted = &series;
      if (sort_inside_) {
        ES_TRY(sorted, sort_inside_->series(series));
      }
      const bool on_text = Series::is_constant(key->field) ||
                           (key->field == Field::value && sorted->mapping() == model::MappingType::keyword);
      if (key->by == SortKey::By::field && on_text) {
        return illegal_argument("only supported on numeric fields").on_shard();
      }
    }
    return TopHitsCollector::begin(series);
  }

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    constexpr std::size_t top_bytes = 64;
    State* const found = state(bucket);
    json.key("top").begin_array();
    if (found && found->hits) {
      execution().charge(found->hits->count() * top_bytes * (1 + options_.metrics.size()));
      for (const Hit& hit : found->hits->ranked()) write_top(json, hit);
    }
    json.end_array();
  }

  std::string_view type_name() const override { return "top_metrics"; }

  std::optional<double> number(Bucket bucket, std::string_view property) override {
    State* const found = state(bucket);
    const auto metric = metric_named(property);
    if (!metric || !found || !found->hits || found->hits->count() == 0) return {};
    const Hit& best = found->hits->ranked().front();
    if (is_left_out(best)) return {};
    return number_of(options_.metrics[*metric], hit_of(*metric, best));
  }
  bool has_number(std::string_view property) const override {
    return options_.request.size == 1 && metric_named(property).has_value();
  }

 private:
  /// Null for the order by score.
  const SortKey* sort_key() const noexcept {
    const auto& keys = options_.request.sort.keys;
    return keys.empty() ? nullptr : &keys.front();
  }

  std::optional<std::size_t> metric_named(std::string_view name) const {
    for (std::size_t i = 0; i < options_.metrics.size(); ++i) {
      if (options_.metrics[i].field_name == name) return i;
    }
    return {};
  }

  EsResult<const Series*> series_of(std::size_t metric, const Series& series) {
    if (!inside_[metric]) return &series;
    return inside_[metric]->series(series);
  }

  /// The hit as one whose value is the metric's: of several values inside an object the least. Where it has none, one
  /// of an index that does not have the field.
  Hit hit_of(std::size_t metric, const Hit& hit) {
    if (!inside_[metric]) return hit;
    Hit inside;
    inside.series = &nothing_inside_;
    inside.time_ns = hit.time_ns;
    // Asked before, when the index was begun.
    const auto series = inside_[metric]->begin(*hit.series, execution().now());
    if (!series || !inside_[metric]->has_values()) return inside;
    inside_[metric]->column().read_one(hit.text, [&](const store::Block& values) {
      inside.series = *series;
      if (values.kind == model::ColumnKind::real) inside.real = values.reals[0];
      if (values.kind == model::ColumnKind::integer) inside.integer = values.integers[0];
      if (values.kind == model::ColumnKind::text) inside.text = values.texts[0];
    });
    return inside;
  }

  /// A reading without the sort's field is not among the first.
  bool is_left_out(const Hit& hit) const {
    return sort_key() && (hit.sort.front().kind == SortValue::Kind::missing || hit.sort.front().is_absent);
  }

  static EsResult<void> check_metric(const SourceOptions& metric, const Series& series) {
    if (metric.field == Field::id) return not_supported(metric, "_id");
    if (metric.field != Field::value) return {};
    if (series.mapping() == model::MappingType::text) return fielddata_disabled(series, series.value_name);
    if (series.mapping() == model::MappingType::geo_point) return not_supported(metric, "geo_point");
    return {};
  }

  static bool is_there(const SourceOptions& metric, const Series& series) {
    return metric.field == Field::timestamp || Series::is_constant(metric.field) ||
           (metric.field == Field::value && series.mapping() != model::MappingType::object);
  }

  static std::optional<double> number_of(const SourceOptions& metric, const Hit& hit) {
    const Series& series = *hit.series;
    if (!is_there(metric, series)) return metric.missing ? parse_real(*metric.missing) : std::nullopt;
    const auto ms = [](std::int64_t ns) { return static_cast<double>(floor_div(ns, ns_per_ms)); };
    if (metric.field == Field::timestamp) return ms(hit.time_ns);
    if (metric.field != Field::value || !is_numeric(series)) return {};
    if (series.mapping() == model::MappingType::date) return ms(hit.integer);
    return series.kind() == model::ColumnKind::real ? hit.real : static_cast<double>(hit.integer);
  }

  void write_top(JsonWriter& json, const Hit& hit) {
    const SortKey* const key = sort_key();
    if (is_left_out(hit)) return;
    json.begin_object();
    json.key("sort").begin_array();
    if (!key || key->by == SortKey::By::score) {
      json.real(hit.score);
    } else if (sort_inside_) {
      write_sort_inside(json, hit);
    } else if (key->field == Field::timestamp || key->field == Field::value) {
      write_field(json, key->field, hit, key->format);
    } else {
      hit.sort.front().kind == SortValue::Kind::real ? json.real(hit.sort.front().real)
                                                     : json.string(hit.sort.front().text);
    }
    json.end_array();
    json.key("metrics").begin_object();
    for (std::size_t i = 0; i < options_.metrics.size(); ++i) {
      const SourceOptions& metric = options_.metrics[i];
      const Hit seen = hit_of(i, hit);
      json.key(metric.field_name);
      if (is_there(metric, *seen.series)) {
        write_field(json, metric.field, seen, {});
      } else if (const auto number = number_of(metric, seen)) {
        json.real(*number);
      } else {
        json.null();
      }
    }
    json.end_object();
    json.end_object();
  }

  void write_sort_inside(JsonWriter& json, const Hit& hit) {
    const SortValue& value = hit.sort.front();
    const auto series = sort_inside_->series(*hit.series);
    const bool is_date = series && (*series)->mapping() == model::MappingType::date;
    if (is_date && value.kind == SortValue::Kind::integer) {
      json.string(DateFormat::date_millis().write(Moment::from_ms(value.integer), TimeZone()));
    } else if (value.kind == SortValue::Kind::integer) {
      json.integer(value.integer);
    } else {
      json.real(value.real);
    }
  }

  static void write_field(JsonWriter& json, Field field, const Hit& hit, const std::optional<DateFormat>& format) {
    const Series& series = *hit.series;
    if (field == Field::timestamp) {
      json.string((format ? *format : DateFormat::date_nanos()).write(Moment::from_ns(hit.time_ns), TimeZone()));
    } else if (Series::is_constant(field)) {
      json.string(series.constant_text(field));
    } else if (series.mapping() == model::MappingType::date) {
      const Moment moment = Moment::from_ms(floor_div(hit.integer, ns_per_ms));
      json.string((format ? *format : DateFormat::date_millis()).write(moment, TimeZone()));
    } else {
      json.raw(Document{series, hit.time_ns, hit.real, hit.integer, hit.text}.value_json());
    }
  }

  const Options& options_;
  std::vector<std::unique_ptr<InsideField>> inside_;  ///< for each metric; null for other fields
  std::optional<InsideField> sort_inside_;
  const Series nothing_inside_{Index{DeviceId{}, SensorId{}, model::MappingType::object}};
};

class TopMetricsAggregation final : public Aggregation {
 public:
  TopMetricsAggregation() { options.request.size = 1; }
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<TopMetrics>(options, execution);
  }
  Options options;
};

/// {"field": ..., "missing": ...}.
EsResult<SourceOptions> read_metric(const JsonMember& member, const JsonNode& node) {
  if (!node.is_object()) return wrong_kind("top_metrics", member);
  SourceOptions metric;
  for (const JsonMember& option : node.members) {
    if (option.name == "script") return illegal_argument("[script] in aggregation [top_metrics] is not supported");
    ES_TRY(const bool taken, metric.take("field_config", option));
    if (!taken) return unknown_field("field_config", option);
  }
  if (metric.missing && !parse_real(*metric.missing)) {
    return illegal_argument("[missing] in aggregation [top_metrics] is supported as a number only");
  }
  if (metric.field_name.empty()) {
    return failed_field(
        "top_metrics", member,
        illegal_argument("[field] and [script] cannot both be null.  Please specify one or the other."));
  }
  return metric;
}

EsResult<std::vector<SourceOptions>> read_metrics(const JsonMember& member) {
  std::vector<SourceOptions> metrics;
  if (!member.value.is_array()) {
    ES_TRY(SourceOptions metric, read_metric(member, member.value));
    metrics.push_back(std::move(metric));
    return metrics;
  }
  if (member.value.items.size() > metrics_max) return illegal_argument("[metrics] takes at most 32 fields");
  for (const JsonNode& item : member.value.items) {
    ES_TRY(SourceOptions metric, read_metric(member, item));
    // Of two equal names in one object readers keep one.
    for (const SourceOptions& other : metrics) {
      if (other.field_name == metric.field_name) {
        return illegal_argument("[metrics] names the field [" + metric.field_name + "] twice");
      }
    }
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

EsResult<SortSpec> read_single_sort(const JsonMember& member) {
  ES_TRY(SortSpec sort, parse_sort(member.value));
  const std::size_t given = member.value.is_array()    ? member.value.items.size()
                            : member.value.is_object() ? member.value.members.size()
                                                       : 1;
  if (given != 1 || sort.keys.size() > 1) return illegal_argument("[sort] must contain exactly one sort");
  if (!sort.keys.empty() && sort.keys.front().by == SortKey::By::document) {
    return illegal_argument("[sort] by [_doc] is not supported in aggregation [top_metrics]");
  }
  return sort;
}

}  // namespace

ParsedAggregation parse_top_metrics(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations) {
  auto aggregation = std::make_unique<TopMetricsAggregation>();
  Options& options = aggregation->options;
  bool has_sort = false;
  for (const JsonMember& member : body.members) {
    if (member.name == "metrics") {
      ES_TRY(options.metrics, read_metrics(member));
    } else if (member.name == "sort") {
      ES_TRY(options.request.sort, read_single_sort(member));
      has_sort = true;
    } else if (member.name == "size") {
      ES_TRY(options.request.size, read_integer(type, member));
    } else {
      return unknown_field(type, member);
    }
  }
  if (!has_sort) return illegal_argument("Required [sort]");
  if (options.metrics.empty()) return illegal_argument("Required [metrics]");
  if (options.request.size < 1) {
    return illegal_argument("[size] must be more than 0 but was [" + std::to_string(options.request.size) + "]");
  }
  if (options.request.size > size_max) {
    return illegal_argument(
               "[top_metrics.size] must not be more than [" + std::to_string(size_max) + "] but was [" +
               std::to_string(options.request.size) +
               "]. This limit can be set by changing the [index.top_metrics_max_size] index level setting.")
        .on_shard();
  }
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace iot::query

// geo_bounds and geo_centroid, over geo_point values.
#include <algorithm>
#include <limits>
#include <utility>

#include "model/geo_point.h"
#include "query/bucket_states.h"
#include "query/statistics.h"
#include "query/value_source.h"

namespace iot::query {
namespace {

using model::GeoPoint;

/// Which field's points, as a request gave it.
struct PointOptions {
  SourceOptions source;
  std::optional<GeoPoint> missing;
  bool wrap_longitude = true;
};

/// Hands the points of selected readings on, bucket by bucket.
class PointCollector : public Collector {
 public:
  PointCollector(std::string_view type, const PointOptions& options) : options_(options), type_(type) {}

  EsResult<void> begin(const Series& series) override {
    const SourceOptions& source = options_.source;
    constant_.reset();
    from_column_ = source.field == Field::value && series.mapping() == model::MappingType::geo_point;
    if (from_column_) return {};
    if (source.field == Field::value && series.mapping() == model::MappingType::text) {
      return fielddata_disabled(series, series.value_name);
    }
    const bool unmapped = source.field == Field::unmapped ||
                          (source.field == Field::value && series.mapping() == model::MappingType::object);
    if (!unmapped) {
      const std::string_view field_type = source.field == Field::timestamp ? "date_nanos"
                                          : source.field == Field::value   ? model::to_string(series.mapping())
                                                                           : "keyword";
      return illegal_argument("Field [" + source.field_name + "] of type [" + std::string(field_type) +
                              "] is not supported for aggregation [" + type_ + "]")
          .on_shard();
    }
    constant_ = options_.missing;
    return {};
  }

  bool takes_summary(const Run&) const override { return !from_column_ && !constant_; }
  void add_summary(const Run&, Bucket) override {}
  void add(const store::Block& block, Selection selection, Bucket bucket) override {
    points_.clear();
    for (std::size_t i = 0; i < selection.size(); ++i) {
      if (constant_) points_.push_back(*constant_);
      if (!from_column_) continue;
      const auto point = model::parse_geo_point({model::RawValue::Kind::json, block.texts[selection[i]]});
      if (point) points_.push_back(*point);
    }
    if (!points_.empty()) add_points(points_, bucket);
  }
  std::string_view type_name() const override { return type_; }

 protected:
  /// Never none.
  virtual void add_points(std::span<const GeoPoint> points, Bucket bucket) = 0;
  const PointOptions& options() const noexcept { return options_; }

 private:
  const PointOptions& options_;
  std::string type_;
  bool from_column_ = false;
  std::optional<GeoPoint> constant_;
  std::vector<GeoPoint> points_;
};

void write_point(JsonWriter& json, double latitude, double longitude) {
  json.begin_object();
  json.key("lat").real(latitude);
  json.key("lon").real(longitude);
  json.end_object();
}

/// The two halves of the Earth are kept apart, so that a box may go across the 180th meridian where that is shorter.
struct Bounds {
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  double top = -infinity;
  double bottom = infinity;
  double west_left = infinity;  ///< of points with negative longitude
  double west_right = -infinity;
  double east_left = infinity;  ///< of the others
  double east_right = -infinity;

  void add(const GeoPoint& point) {
    top = std::max(top, point.latitude);
    bottom = std::min(bottom, point.latitude);
    double& left = point.longitude < 0 ? west_left : east_left;
    double& right = point.longitude < 0 ? west_right : east_right;
    left = std::min(left, point.longitude);
    right = std::max(right, point.longitude);
  }

  struct Longitudes {
    double left, right;
  };
  Longitudes longitudes(bool may_wrap) const {
    if (east_left > east_right) return {west_left, west_right};
    if (west_left > west_right) return {east_left, east_right};
    const double across_greenwich = east_right - west_left;
    const double across_180 = (180 - east_left) + (west_right + 180);
    if (may_wrap && across_180 < across_greenwich) return {east_left, west_right};
    return {west_left, east_right};
  }
};

class BoundsCollector final : public PointCollector {
 public:
  BoundsCollector(const PointOptions& options, Execution& execution)
      : PointCollector("geo_bounds", options), states_(execution) {}

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    const Bounds* const bounds = states_.find(bucket);
    if (!bounds || bounds->bottom > bounds->top) return;
    const auto [left, right] = bounds->longitudes(options().wrap_longitude);
    json.key("bounds").begin_object();
    json.key("top_left");
    write_point(json, bounds->top, left);
    json.key("bottom_right");
    write_point(json, bounds->bottom, right);
    json.end_object();
  }

 private:
  void add_points(std::span<const GeoPoint> points, Bucket bucket) override {
    Bounds& bounds = states_.at(bucket);
    for (const GeoPoint& point : points) bounds.add(point);
  }

  BucketStates<Bounds> states_;
};

class CentroidCollector final : public PointCollector {
 public:
  CentroidCollector(const PointOptions& options, Execution& execution)
      : PointCollector("geo_centroid", options), states_(execution) {}

  void write(JsonWriter& json, Bucket bucket, const AnswerForm&) override {
    const State* const state = states_.find(bucket);
    if (state && state->latitudes.count > 0) {
      json.key("location");
      write_point(json, state->latitudes.average(), state->longitudes.average());
    }
    json.key("count").unsigned_integer(state ? state->latitudes.count : 0);
  }

  std::optional<double> number(Bucket bucket, std::string_view property) override {
    const State* const state = states_.find(bucket);
    if (property == "count") return state ? static_cast<double>(state->latitudes.count) : 0.0;
    if (!state || state->latitudes.count == 0) return {};
    return property == "lat" ? state->latitudes.average() : state->longitudes.average();
  }
  bool has_number(std::string_view property) const override {
    return property == "count" || property == "lat" || property == "lon";
  }

 private:
  struct State {
    Statistics latitudes;
    Statistics longitudes;
  };

  void add_points(std::span<const GeoPoint> points, Bucket bucket) override {
    const auto add = [&](Statistics& statistics, double GeoPoint::*part) {
      degrees_.clear();
      for (const GeoPoint& point : points) degrees_.push_back(point.*part);
      statistics.add(degrees_.data(), degrees_.size());
    };
    State& state = states_.at(bucket);
    add(state.latitudes, &GeoPoint::latitude);
    add(state.longitudes, &GeoPoint::longitude);
  }

  BucketStates<State> states_;
  std::vector<double> degrees_;
};

template <class Made>
class PointAggregation final : public Aggregation {
 public:
  std::unique_ptr<Collector> collector(Execution& execution) const override {
    return std::make_unique<Made>(options, execution);
  }
  const SourceOptions* source() const override { return &options.source; }
  PointOptions options;
};

template <class Made>
ParsedAggregation parse(std::string_view type, const JsonNode& body, bool takes_wrap) {
  auto aggregation = std::make_unique<PointAggregation<Made>>();
  PointOptions& options = aggregation->options;
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, options.source.take(type, member));
    if (taken) continue;
    if (takes_wrap && member.name == "wrap_longitude") {
      ES_TRY(options.wrap_longitude, read_flag(type, member));
    } else {
      return unknown_field(type, member);
    }
  }
  ES_CHECK(options.source.check());
  if (options.source.missing) {
    options.missing = model::parse_geo_point({model::RawValue::Kind::string, *options.source.missing});
    if (!options.missing) {
      return illegal_argument("[missing] in aggregation [" + std::string(type) + "] is supported as \"lat,lon\" only");
    }
  }
  return std::unique_ptr<Aggregation>(std::move(aggregation));
}

}  // namespace

ParsedAggregation parse_geo_bounds(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations) {
  return parse<BoundsCollector>(type, body, true);
}

ParsedAggregation parse_geo_centroid(AggregationParser&, std::string_view type, const JsonNode& body, Aggregations) {
  return parse<CentroidCollector>(type, body, false);
}

}  // namespace iot::query

// Clauses about places: geo_bounding_box, geo_distance.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "model/geo_point.h"
#include "query/json_fields.h"
#include "query/objects/inside_field.h"
#include "query/query.h"

namespace iot::query {
namespace {

using model::GeoPoint;
using model::RawValue;

/// As Lucene's: the mean radius of the Earth.
constexpr double earth_radius_m = 6'371'008.7714;

std::optional<GeoPoint> stored_point(std::string_view text) {
  return model::parse_geo_point({RawValue::Kind::json, text});
}

struct Box {
  double top, left, bottom, right;
};

class InBox final : public TextMatcher {
 public:
  explicit InBox(const Box& box) : box_(box) {}
  bool matches(std::string_view text) const override {
    const auto point = stored_point(text);
    if (!point || point->latitude > box_.top || point->latitude < box_.bottom) return false;
    const bool right_of_left = point->longitude >= box_.left;
    const bool left_of_right = point->longitude <= box_.right;
    // With its left side east of its right one, the box lies across the 180th meridian.
    return box_.left <= box_.right ? right_of_left && left_of_right : right_of_left || left_of_right;
  }

 private:
  Box box_;
};

class InCircle final : public TextMatcher {
 public:
  InCircle(const GeoPoint& centre, double radius_m) : centre_(centre), radius_m_(radius_m) {}
  bool matches(std::string_view text) const override {
    const auto point = stored_point(text);
    return point && distance_m(*point) <= radius_m_;
  }

 private:
  /// Along the great circle (haversine formula).
  double distance_m(const GeoPoint& point) const {
    const auto radians = [](double degrees) { return degrees * std::numbers::pi / 180; };
    const double half_latitude = std::sin(radians(point.latitude - centre_.latitude) / 2);
    const double half_longitude = std::sin(radians(point.longitude - centre_.longitude) / 2);
    const double h = half_latitude * half_latitude + std::cos(radians(centre_.latitude)) *
                                                         std::cos(radians(point.latitude)) * half_longitude *
                                                         half_longitude;
    return 2 * earth_radius_m * std::asin(std::min(1.0, std::sqrt(h)));
  }

  GeoPoint centre_;
  double radius_m_;
};

class GeoQuery final : public Query {
 public:
  GeoQuery(std::string_view name, std::string field, std::shared_ptr<const TextMatcher> matcher, bool ignore_unmapped)
      : name_(name), field_name_(std::move(field)), matcher_(std::move(matcher)), ignore_unmapped_(ignore_unmapped) {}

  EsResult<Filter> compile(const Series& series, Timestamp) const override {
    const Field field = field_named(field_name_);
    std::optional<Series> inside;
    if (field == Field::inside_value) {
      ES_TRY(inside, series_inside(series, field.path()));
    }
    const bool unmapped = inside && inside->mapping() == model::MappingType::object;
    if (field == Field::unmapped || unmapped) {
      if (ignore_unmapped_) return Filter::none();
      return refused(series, "failed to find geo field [" + field_name_ + "]");
    }
    if (field == Field::value && series.mapping() == model::MappingType::geo_point) return Filter::text(matcher_);
    const std::string_view type = inside                      ? model::to_string(inside->mapping())
                                  : field == Field::timestamp ? "date_nanos"
                                  : field == Field::value     ? model::to_string(series.mapping())
                                  : field == Field::id        ? "_id"
                                  : field == Field::index     ? "_index"
                                                              : "keyword";
    return refused(series, "Field [" + field_name_ + "] is of unsupported type [" + std::string(type) + "] for [" +
                               name_ + "] query");
  }

 private:
  static EsError refused(const Series& series, std::string reason) {
    std::string uuid, index;
    append_json_string(uuid, index_uuid(series.name));
    append_json_string(index, series.name);
    return EsError(400, "query_shard_exception", std::move(reason))
        .with("index_uuid", std::move(uuid))
        .with("index", std::move(index))
        .on_shard();
  }

  std::string name_;
  std::string field_name_;
  std::shared_ptr<const TextMatcher> matcher_;
  bool ignore_unmapped_;
};

/// What both clauses take beside their field.
struct Common {
  float boost = 1;
  bool ignore_unmapped = false;

  EsResult<bool> take(std::string_view name, const JsonMember& member) {
    if (member.name == "_name") return true;
    if (member.name == "boost") {
      ES_TRY(const double number, read_number(name, member));
      if (number < 0) {
        return illegal_argument("negative [boost] are not allowed in query, use a value between 0 and 1 to deboost");
      }
      boost = static_cast<float>(number);
      return true;
    }
    if (member.name == "ignore_unmapped") {
      ES_TRY(ignore_unmapped, read_flag(name, member));
      return true;
    }
    if (member.name == "validation_method") {
      ES_TRY(const std::string method, read_text(name, member));
      if (method != "STRICT" && method != "strict") {
        return illegal_argument("[validation_method] of [" + std::string(name) + "] is supported as [STRICT] only");
      }
      return true;
    }
    return false;
  }
};

EsError bad_query(std::string_view name, const std::string& why) {
  return {400, "parse_exception", "failed to parse [" + std::string(name) + "] query. " + why};
}

/// {"lat": ..., "lon": ...}, [lon, lat] or "lat,lon".
EsResult<GeoPoint> read_point(std::string_view name, const JsonNode& node) {
  const auto wrong = [&] {
    return bad_query(name, "[a point is {\"lat\", \"lon\"}, [lon, lat] or \"lat,lon\", within 90 and 180 degrees]");
  };
  std::string text;
  RawValue::Kind kind = RawValue::Kind::string;
  if (node.is_string()) {
    text = node.text;
  } else if (node.is_array() && node.items.size() == 2) {
    for (const JsonNode& item : node.items) {
      if (!item.is_number() && !item.is_string()) return wrong();
    }
    text = node.items[1].text + "," + node.items[0].text;
  } else if (node.is_object() && node.members.size() == 2) {
    const JsonNode* const latitude = node.find("lat");
    const JsonNode* const longitude = node.find("lon");
    if (!latitude || !longitude || !latitude->is_scalar() || !longitude->is_scalar()) return wrong();
    text = latitude->as_text() + "," + longitude->as_text();
  }
  const auto point = model::parse_geo_point({kind, text});
  if (!point) return wrong();
  return *point;
}

EsResult<double> read_degrees(std::string_view name, const JsonMember& member, double magnitude_max) {
  ES_TRY(const double degrees, read_number(name, member));
  if (std::abs(degrees) > magnitude_max) {
    return bad_query(name, "[" + member.name + " is invalid: " + member.value.text + "]");
  }
  return degrees;
}

/// Corners ("top_left" and "bottom_right", or "top_right" and "bottom_left") or sides ("top", "left", "bottom",
/// "right").
EsResult<Box> read_box(std::string_view name, const JsonNode& node) {
  std::optional<double> top, left, bottom, right;
  for (const JsonMember& member : node.members) {
    const std::string& part = member.name;
    if (part == "top" || part == "bottom") {
      ES_TRY((part == "top" ? top : bottom), read_degrees(name, member, 90));
    } else if (part == "left" || part == "right") {
      ES_TRY((part == "left" ? left : right), read_degrees(name, member, 180));
    } else if (part == "top_left" || part == "top_right" || part == "bottom_left" || part == "bottom_right") {
      ES_TRY(const GeoPoint corner, read_point(name, member.value));
      (part.starts_with("top") ? top : bottom) = corner.latitude;
      (part.ends_with("left") ? left : right) = corner.longitude;
    } else {
      return bad_query(name, "[failed to parse bounding box. unexpected field [" + part + "]]");
    }
  }
  if (!top || !left || !bottom || !right) {
    return bad_query(name, "[failed to parse bounding box. Conflicting definition found, or a side is missing]");
  }
  if (*top < *bottom) {
    std::string high, low;
    append_json_real(high, *top);
    append_json_real(low, *bottom);
    return illegal_argument("top is below bottom corner: " + high + " vs. " + low);
  }
  return Box{*top, *left, *bottom, *right};
}

struct Unit {
  std::string_view name;
  double metres;
};

/// Longer names first, as a text is compared with its end.
constexpr std::array<Unit, 26> units{{
    {"nauticalmiles", 1852},
    {"centimeters", 0.01},
    {"millimeters", 0.001},
    {"kilometers", 1000},
    {"meters", 1},
    {"nauticalmile", 1852},
    {"centimeter", 0.01},
    {"millimeter", 0.001},
    {"kilometer", 1000},
    {"meter", 1},
    {"miles", 1609.344},
    {"mile", 1609.344},
    {"yards", 0.9144},
    {"yard", 0.9144},
    {"feet", 0.3048},
    {"inch", 0.0254},
    {"nmi", 1852},
    {"NM", 1852},
    {"km", 1000},
    {"cm", 0.01},
    {"mm", 0.001},
    {"mi", 1609.344},
    {"yd", 0.9144},
    {"ft", 0.3048},
    {"in", 0.0254},
    {"m", 1},
}};

EsResult<double> metres_of_unit(const std::string& name) {
  for (const Unit& unit : units) {
    if (unit.name == name) return unit.metres;
  }
  return illegal_argument("No distance unit match [" + name + "]");
}

/// "12km"; a bare number is in `metres_each`.
EsResult<double> parse_distance(std::string_view text, double metres_each) {
  const std::string whole(text);
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    text.remove_suffix(unit.name.size());
    metres_each = unit.metres;
    break;
  }
  while (text.ends_with(' ')) text.remove_suffix(1);
  const auto number = parse_real(text);
  if (!number) return not_a_number(whole);
  if (*number <= 0) return illegal_argument("distance must be greater than zero");
  return *number * metres_each;
}

}  // namespace

EsResult<QueryPtr> parse_geo_bounding_box(QueryParser&, std::string_view name, const JsonNode& body) {
  Common common;
  std::optional<Box> box;
  std::string field;
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, common.take(name, member));
    if (taken) continue;
    if (member.name == "type") {
      // How Elasticsearch once evaluated it; both ways give the same.
      ES_TRY(const std::string type, read_text(name, member));
      if (type != "memory" && type != "indexed") return illegal_argument("[type] of [geo_bounding_box] is unknown");
    } else if (member.value.is_object() && !box) {
      ES_TRY(box, read_box(name, member.value));
      field = member.name;
    } else {
      return parsing_error(member.value.at,
                           "failed to parse [" + std::string(name) + "] query. unexpected field [" + member.name + "]");
    }
  }
  if (!box) return bad_query(name, "bounding box not provided");
  auto query =
      std::make_unique<GeoQuery>(name, std::move(field), std::make_shared<InBox>(*box), common.ignore_unmapped);
  query->boost = common.boost;
  return QueryPtr(std::move(query));
}

EsResult<QueryPtr> parse_geo_distance(QueryParser&, std::string_view name, const JsonNode& body) {
  Common common;
  std::optional<GeoPoint> centre;
  std::optional<std::string> distance;
  double unit_m = 1;
  std::string field;
  for (const JsonMember& member : body.members) {
    ES_TRY(const bool taken, common.take(name, member));
    if (taken) continue;
    if (member.name == "distance") {
      ES_TRY(distance, read_text(name, member));
    } else if (member.name == "unit") {
      ES_TRY(const std::string unit, read_text(name, member));
      ES_TRY(unit_m, metres_of_unit(unit));
    } else if (member.name == "distance_type") {
      ES_TRY(const std::string type, read_text(name, member));
      // Elasticsearch takes both and uses the arc.
      if (type != "arc" && type != "plane") return illegal_argument("No geo distance for [" + type + "]");
    } else if (!centre) {
      ES_TRY(centre, read_point(name, member.value));
      field = member.name;
    } else {
      return parsing_error(member.value.at,
                           "failed to parse [" + std::string(name) + "] query. unexpected field [" + member.name + "]");
    }
  }
  if (!distance) return parsing_error(body.at, "geo_distance requires 'distance' to be specified");
  if (!centre) return bad_query(name, "a field with a point is required");
  ES_TRY(const double radius_m, parse_distance(*distance, unit_m));
  auto query = std::make_unique<GeoQuery>(name, std::move(field), std::make_shared<InCircle>(*centre, radius_m),
                                          common.ignore_unmapped);
  query->boost = common.boost;
  return QueryPtr(std::move(query));
}

}  // namespace iot::query

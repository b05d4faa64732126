#include "query/document.h"

#include <algorithm>
#include <cmath>

#include "base/time_text.h"
#include "model/value.h"
#include "query/json_fields.h"
#include "query/objects/shown_inside.h"
#include "query/objects/source_inside.h"
#include "query/shown_fields.h"
#include "query/value_source.h"

namespace iot::query {

std::string Document::value_json() const {
  std::string json;
  switch (series.kind()) {
    case model::ColumnKind::real:
      model::append_value_json(json, series.mapping(), real);
      break;
    case model::ColumnKind::integer:
      model::append_value_json(json, series.mapping(), integer);
      break;
    case model::ColumnKind::text:
      model::append_value_json(json, series.mapping(), text);
      break;
  }
  return json;
}

std::string Document::id(std::string_view value) const {
  return model::reading_id(series.index.sensor, {time_ns}, value);
}

void Document::write_source(JsonWriter& json, const SourceFilter& filter, std::string_view value) const {
  json.begin_object();
  if (filter.shows("timestamp")) json.key("timestamp").string(format_timestamp({time_ns}));
  if (filter.shows("device_id")) json.key("device_id").string(series.device_text);
  if (filter.shows("sensor_id")) json.key("sensor_id").string(series.sensor_text);
  if (series.mapping() == model::MappingType::object) {
    if (const auto shown = shown_source(filter, value)) json.key("value").raw(*shown);
  } else if (filter.shows("value")) {
    json.key("value").raw(value);
  }
  json.end_object();
}

namespace {

/// The number under `name` ("lat", "lon") in {"lat":41.12,"lon":-71.34}, as it is stored.
std::string_view coordinate(std::string_view stored, std::string_view name) {
  const auto at = stored.find("\"" + std::string(name) + "\":");
  if (at == std::string_view::npos) return "0.0";
  const std::string_view rest = stored.substr(at + name.size() + 3);
  return rest.substr(0, rest.find_first_of(",}"));
}

std::string geo_json(std::string_view stored) {
  return "{\"coordinates\":[" + std::string(coordinate(stored, "lon")) + "," + std::string(coordinate(stored, "lat")) +
         "],\"type\":\"Point\"}";
}

/// A coordinate as Lucene keeps it: cut down to the next of 2^32 steps over `span` degrees.
double as_indexed(double degrees, double span) {
  const double step = span / 4'294'967'296.0;
  const double last = std::nextafter(span / 2, 0.0);
  return std::floor(std::min(degrees, last) / step) * step;
}

/// The doc value of a place: latitude and longitude as indexed.
std::string geo_text(std::string_view stored) {
  const double lat = parse_real(coordinate(stored, "lat")).value_or(0);
  const double lon = parse_real(coordinate(stored, "lon")).value_or(0);
  return number_text(as_indexed(lat, 180)) + ", " + number_text(as_indexed(lon, 360));
}

}  // namespace

void Document::write_fields(JsonWriter& json, const std::vector<DocvalueField>& docvalues,
                            const std::vector<DocvalueField>& fields, const std::vector<ShownInside>& inside) const {
  bool open = false;
  const auto name = [&](std::string_view text_of) {
    if (!open) json.key("fields").begin_object();
    open = true;
    json.key(text_of).begin_array();
  };
  const auto date = [&](const DocvalueField& field, const DateFormat& own, Moment moment) {
    json.string((field.format ? *field.format : own).write(moment, TimeZone())).end_array();
  };
  // What `fields` asks for stands in place of the same field's doc value.
  const auto asked = [&](std::string_view each) {
    const DocvalueField* field = shown_as(fields, each);
    return field ? field : shown_as(docvalues, each);
  };
  if (const DocvalueField* field = asked("timestamp")) {
    name("timestamp");
    date(*field, DateFormat::date_nanos(), Moment::from_ns(time_ns));
  }
  if (asked("device_id")) name("device_id"), json.string(series.device_text).end_array();
  if (asked("sensor_id")) name("sensor_id"), json.string(series.sensor_text).end_array();
  const bool from_source = shown_as(fields, "value") != nullptr;
  const DocvalueField* value = asked("value");
  const model::MappingType mapping = series.mapping();
  // Objects are fields of their own, inside them; texts have no doc values.
  const bool has_none = mapping == model::MappingType::object || (mapping == model::MappingType::text && !from_source);
  if (value && !has_none) {
    name("value");
    if (mapping == model::MappingType::date) {
      date(*value, DateFormat::date_millis(), Moment::from_ms(floor_div(integer, ns_per_ms)));
    } else if (mapping == model::MappingType::geo_point && from_source) {
      json.raw(geo_json(text)).end_array();
    } else if (mapping == model::MappingType::geo_point) {
      json.string(geo_text(text)).end_array();
    } else if (mapping == model::MappingType::single_precision && !from_source) {
      // A float's doc value is shown as the double that it is.
      json.real(real).end_array();
    } else {
      json.raw(value_json()).end_array();
    }
  }
  write_shown_inside(json, series, text, inside, name);
  if (open) json.end_object();
}

}  // namespace iot::query

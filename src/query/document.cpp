#include "query/document.h"

#include "base/time_text.h"
#include "model/value.h"
#include "query/wildcard.h"

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
  if (filter.shows("value")) json.key("value").raw(value);
  json.end_object();
}

void Document::write_fields(JsonWriter& json, const std::vector<DocvalueField>& fields) const {
  // Of two requests for one field the later counts.
  const auto asked = [&](std::string_view name) -> const DocvalueField* {
    for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
      if (fits_wildcard(field->pattern, name)) return &*field;
    }
    return nullptr;
  };
  const auto write_date = [&](const DocvalueField& field, const DateFormat& own, Moment moment) {
    json.begin_array().string((field.format ? *field.format : own).write(moment, TimeZone())).end_array();
  };
  bool open = false;
  const auto name = [&](std::string_view text_of) {
    if (!open) json.key("fields").begin_object();
    open = true;
    json.key(text_of);
  };
  if (const DocvalueField* field = asked("timestamp")) {
    name("timestamp");
    write_date(*field, DateFormat::date_nanos(), Moment::from_ns(time_ns));
  }
  if (asked("device_id")) name("device_id"), json.begin_array().string(series.device_text).end_array();
  if (asked("sensor_id")) name("sensor_id"), json.begin_array().string(series.sensor_text).end_array();
  const DocvalueField* value = asked("value");
  // Texts and objects have no doc values.
  if (value && series.mapping() != model::MappingType::text && series.mapping() != model::MappingType::object) {
    name("value");
    if (series.mapping() == model::MappingType::date) {
      write_date(*value, DateFormat::date_millis(), Moment::from_ms(floor_div(integer, ns_per_ms)));
    } else if (series.mapping() == model::MappingType::single_precision) {
      // As the double that it is, with all digits.
      json.begin_array().real(real).end_array();
    } else {
      json.begin_array().raw(value_json()).end_array();
    }
  }
  if (open) json.end_object();
}

}  // namespace iot::query

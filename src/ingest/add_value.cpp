#include "ingest/add_value.h"

#include "ingest/plain_number.h"

namespace iot::ingest {

using model::MappingType;
using model::RawValue;

namespace {

/// The usual forms of the usual mappings, without the general rules; false for any other.
bool add_plain(model::ReadingBatch& batch, SensorColumn sensor, Timestamp time, const RawValue& value,
               std::size_t text_bytes_max) {
  if (value.kind != RawValue::Kind::number && value.kind != RawValue::Kind::string) return false;
  switch (sensor.mapping) {
    case MappingType::double_precision: {
      const auto number = parse_plain_number(value.text);
      if (!number) return false;
      batch.add_real(sensor.id, sensor.mapping, time, to_double(*number));
      return true;
    }
    case MappingType::long_integer: {
      const auto number = parse_plain_number(value.text);
      if (!number || number->fraction_digits > 0) return false;
      const auto magnitude = static_cast<std::int64_t>(number->digits);
      batch.add_integer(sensor.id, sensor.mapping, time, number->negative ? -magnitude : magnitude);
      return true;
    }
    case MappingType::keyword:
    case MappingType::text:
      if (value.text.size() > text_bytes_max) return false;
      batch.add_text(sensor.id, sensor.mapping, time, value.text);
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<std::string> add_value(model::ReadingBatch& batch, SensorColumn sensor, Timestamp time,
                                     const RawValue& value, std::size_t text_bytes_max) {
  if (add_plain(batch, sensor, time, value, text_bytes_max)) return {};
  if (value.text.size() > text_bytes_max) return "longer than " + std::to_string(text_bytes_max) + " bytes";
  auto coerced = model::coerce(sensor.mapping, value);
  if (!coerced) return std::move(coerced.error().message);
  batch.add(sensor.id, sensor.mapping, time, *coerced);
  return {};
}

}  // namespace iot::ingest

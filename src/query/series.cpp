#include "query/series.h"

#include "base/json_writer.h"
#include "model/entities.h"

namespace iot::query {

Field Field::inside(std::string_view path) {
  Field field(inside_value);
  field.path_ = std::make_shared<const std::string>(path);
  return field;
}

Field field_named(std::string_view name) {
  if (name == "timestamp") return Field::timestamp;
  if (name == "device_id") return Field::device_id;
  if (name == "sensor_id") return Field::sensor_id;
  if (name == "value") return Field::value;
  if (name == "_id") return Field::id;
  if (name == "_index") return Field::index;
  constexpr std::string_view inside = "value.";
  return name.starts_with(inside) ? Field::inside(name.substr(inside.size())) : Field(Field::unmapped);
}

Series::Series(const Index& index_of)
    : index(index_of),
      device_text(index_of.device.to_string()),
      sensor_text(index_of.sensor.to_string()),
      name(model::index_name(index_of.device, index_of.sensor)) {}

const std::string& Series::constant_text(const Field& field) const noexcept {
  if (field == Field::device_id) return device_text;
  return field == Field::sensor_id ? sensor_text : name;
}

std::string index_uuid(std::string_view index_name) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // FNV-1a, stirred again for each character: it need only differ from index to index.
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : index_name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  std::string uuid;
  for (int i = 0; i < 22; ++i) {
    hash = (hash ^ hash >> 29) * 0xBF58476D1CE4E5B9u;
    uuid += alphabet[hash >> 58];
  }
  return uuid;
}

EsError query_refused(const Series& series, std::string reason) {
  std::string uuid, name;
  append_json_string(uuid, index_uuid(series.name));
  append_json_string(name, series.name);
  return EsError(400, "query_shard_exception", std::move(reason))
      .with("index_uuid", std::move(uuid))
      .with("index", std::move(name))
      .on_shard();
}

EsError failed_to_create_query(const Series& series, EsError cause) {
  const std::string reason = "failed to create query: " + cause.reason();
  return query_refused(series, reason).caused_by(std::move(cause));
}

EsError inside_not_supported(const Series& series) {
  return failed_to_create_query(series,
                                illegal_argument("fields inside [value] of type [object] are not supported here"));
}

EsError fielddata_disabled(const Series& series, std::string_view field) {
  const std::string name(field);
  return illegal_argument("Fielddata is disabled on [" + name + "] in [" + series.name +
                          "]. Text fields are not optimised for operations that require per-document field data like "
                          "aggregations and sorting, so these operations are disabled by default. Please use a keyword "
                          "field instead. Alternatively, set fielddata=true on [" +
                          name +
                          "] in order to load field data by uninverting the inverted index. Note that this can use "
                          "significant memory.")
      .on_shard();
}

EsError id_fielddata_disabled() {
  return illegal_argument(
             "Fielddata access on the _id field is disallowed, you can re-enable it by updating the dynamic "
             "cluster setting: indices.id_field_data.enabled")
      .on_shard();
}

}  // namespace iot::query

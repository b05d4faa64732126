#include "api/entity_json.h"

#include "base/time_text.h"

namespace iot::api {
namespace {

void write_time(JsonWriter& json, std::string_view name, Timestamp time) {
  json.key(name).string(format_timestamp(time, FractionDigits::milliseconds));
}

void write_seconds(JsonWriter& json, std::string_view name, const std::optional<std::chrono::seconds>& duration) {
  json.key(name);
  if (duration) {
    json.integer(duration->count());
  } else {
    json.null();
  }
}

void write_device_members(JsonWriter& json, const model::Device& device) {
  json.key("id").string(device.id.to_string());
  json.key("name").string(device.name);
  json.key("description").string(device.description);
  json.key("user_id").string(device.owner.to_string());
  write_seconds(json, "retention", device.retention);
  write_seconds(json, "silent_after_s", device.silent_after);
  write_time(json, "created", device.created);
}

}  // namespace

void write_user(JsonWriter& json, const model::User& user) {
  json.begin_object();
  json.key("id").string(user.id.to_string());
  json.key("name").string(user.name);
  json.key("username").string(user.username);
  json.key("role").string(model::to_string(user.role));
  write_time(json, "created", user.created);
  json.end_object();
}

void write_device(JsonWriter& json, const model::Device& device) {
  json.begin_object();
  write_device_members(json, device);
  json.end_object();
}

void write_device_with(JsonWriter& json, const model::Device& device, std::span<const model::Sensor> sensors) {
  json.begin_object();
  write_device_members(json, device);
  json.key("sensors").begin_array();
  for (const model::Sensor& sensor : sensors) write_sensor(json, sensor);
  json.end_array().end_object();
}

void write_certificate(JsonWriter& json, const model::Certificate& certificate) {
  json.begin_object();
  json.key("fingerprint").string(certificate.fingerprint.to_string());
  json.key("device_id").string(certificate.device.to_string());
  json.key("name").string(certificate.name);
  write_time(json, "created", certificate.created);
  json.end_object();
}

void write_sensor(JsonWriter& json, const model::Sensor& sensor) {
  json.begin_object();
  json.key("id").string(sensor.id.to_string());
  json.key("device_id").string(sensor.device.to_string());
  json.key("name").string(sensor.name);
  json.key("description").string(sensor.description);
  json.key("unit").string(sensor.unit);
  json.key("path").string(sensor.path);
  json.key("mapping").begin_object().key("type").string(model::to_string(sensor.mapping)).end_object();
  write_seconds(json, "retention", sensor.retention);
  write_time(json, "created", sensor.created);
  json.end_object();
}

void write_consumer(JsonWriter& json, const model::Consumer& consumer) {
  json.begin_object();
  json.key("id").string(consumer.id.to_string());
  json.key("name").string(consumer.name);
  json.key("description").string(consumer.description);
  json.key("user_id").string(consumer.owner.to_string());
  write_time(json, "created", consumer.created);
  json.end_object();
}

void write_audit_entry(JsonWriter& json, const registry::AuditEntry& entry) {
  json.begin_object();
  json.key("id").string(std::to_string(entry.id));
  write_time(json, "time", entry.time);
  json.key("user_id").string(entry.user.to_string());
  json.key("address").string(entry.address);
  json.key("action").string(entry.action);
  json.key("subject").string(entry.subject);
  json.key("details").raw(entry.details.empty() ? "{}" : entry.details);
  json.end_object();
}

}  // namespace iot::api

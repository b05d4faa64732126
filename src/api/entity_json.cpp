#include "api/entity_json.h"

#include "base/time_text.h"

namespace iot::api {
namespace {

void write_time(JsonWriter& json, std::string_view name, Timestamp time) {
  json.key(name).string(format_timestamp(time, FractionDigits::milliseconds));
}

void write_time(JsonWriter& json, std::string_view name, const std::optional<Timestamp>& time) {
  if (time) return write_time(json, name, *time);
  json.key(name).null();
}

void write_seconds(JsonWriter& json, std::string_view name, const std::optional<std::chrono::seconds>& duration) {
  json.key(name);
  if (duration) {
    json.integer(duration->count());
  } else {
    json.null();
  }
}

/// In the form in which a request may send it back.
void write_rollups(JsonWriter& json, const std::optional<model::Rollups>& rollups) {
  json.key("rollups");
  if (!rollups) {
    json.null();
    return;
  }
  const auto age = [&json](std::string_view name, std::chrono::seconds kept) {
    if (kept == model::forever) {
      json.key(name).string("forever");
    } else {
      write_seconds(json, name, kept.count() == 0 ? std::nullopt : std::optional(kept));
    }
  };
  json.begin_object();
  age("minutes", rollups->minutes);
  age("hours", rollups->hours);
  age("days", rollups->days);
  json.end_object();
}

void write_dashboard_members(JsonWriter& json, const registry::Dashboard& dashboard, bool may_change) {
  json.key("id").string(dashboard.id.to_string());
  json.key("name").string(dashboard.name);
  json.key("description").string(dashboard.description);
  json.key("user_id").string(dashboard.owner.to_string());
  json.key("owner").string(dashboard.owner_name);
  json.key("visibility").string(dashboard.visibility == registry::Visibility::users ? "users" : "private");
  json.key("version").integer(dashboard.version);
  write_time(json, "created", dashboard.created);
  write_time(json, "updated", dashboard.updated);
  json.key("may_change").boolean(may_change);
}

void write_sensors(JsonWriter& json, std::span<const model::Sensor> sensors) {
  json.key("sensors").begin_array();
  for (const model::Sensor& sensor : sensors) write_sensor(json, sensor);
  json.end_array();
}

void write_user_members(JsonWriter& json, const model::User& user) {
  json.key("id").string(user.id.to_string());
  json.key("name").string(user.name);
  json.key("username").string(user.username);
  json.key("role").string(model::to_string(user.role));
  write_time(json, "created", user.created);
}

void write_device_members(JsonWriter& json, const model::Device& device) {
  json.key("id").string(device.id.to_string());
  json.key("name").string(device.name);
  json.key("description").string(device.description);
  json.key("user_id").string(device.owner.to_string());
  write_seconds(json, "retention", device.retention);
  write_rollups(json, device.rollups);
  write_seconds(json, "silent_after_s", device.silent_after);
  write_time(json, "created", device.created);
}

}  // namespace

void write_user(JsonWriter& json, const model::User& user) {
  json.begin_object();
  write_user_members(json, user);
  json.end_object();
}

void write_session(JsonWriter& json, const model::User& user, Timestamp expires) {
  json.begin_object();
  write_user_members(json, user);
  write_time(json, "expires", expires);
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
  write_sensors(json, sensors);
  json.end_object();
}

void write_device_with(JsonWriter& json, const model::Device& device, std::span<const model::Sensor> sensors,
                       const gateway::DeviceStanding& standing) {
  json.begin_object();
  write_device_members(json, device);
  json.key("connected").boolean(standing.is_connected());
  write_time(json, "last_seen", standing.last_seen);
  write_sensors(json, sensors);
  json.end_object();
}

void write_presence(JsonWriter& json, const gateway::DeviceStanding& standing,
                    std::span<const broker::SessionInfo> sessions) {
  const auto write_text = [&](std::string_view name, std::string_view text, bool is_there) {
    json.key(name);
    if (is_there) {
      json.string(text);
    } else {
      json.null();
    }
  };
  const bool has_failed = !standing.last_error.empty();
  json.begin_object();
  json.key("connected").boolean(standing.is_connected());
  write_time(json, "connected_since", standing.connected_since);
  json.key("connections").unsigned_integer(standing.connections);
  write_time(json, "last_seen", standing.last_seen);
  write_text("protocol", gateway::to_string(standing.protocol), standing.last_seen.has_value());
  write_text("address", standing.address, standing.last_seen.has_value());
  write_text("last_error", standing.last_error, has_failed);
  write_time(json, "last_error_at", has_failed ? std::optional(standing.last_error_at) : std::nullopt);
  write_time(json, "silent_since", standing.silent_since);
  json.key("sessions").begin_array();
  for (const broker::SessionInfo& session : sessions) {
    json.begin_object();
    json.key("client_id").string(session.client_id);
    json.key("connected").boolean(session.is_connected);
    write_time(json, "connected_since", session.is_connected ? session.connected : std::nullopt);
    write_time(json, "disconnected_at", session.is_connected ? std::nullopt : session.disconnected);
    json.key("subscriptions").unsigned_integer(session.subscriptions);
    json.key("queued").unsigned_integer(session.queued_messages);
    json.key("queued_bytes").unsigned_integer(session.queued_bytes);
    json.key("in_flight").unsigned_integer(session.in_flight);
    json.key("dropped_full").unsigned_integer(session.dropped_full);
    json.key("dropped_expired").unsigned_integer(session.dropped_expired);
    json.end_object();
  }
  json.end_array().end_object();
}

void write_device_error(JsonWriter& json, DeviceId device, std::string_view name,
                        const gateway::DeviceStanding& standing) {
  json.begin_object();
  json.key("device_id").string(device.to_string());
  json.key("name").string(name);
  write_time(json, "time", standing.last_error_at);
  json.key("message").string(standing.last_error);
  json.key("protocol").string(gateway::to_string(standing.protocol));
  json.key("address").string(standing.address);
  json.end_object();
}

void write_command(JsonWriter& json, const registry::DeviceCommand& command) {
  json.begin_object();
  json.key("id").string(command.id.to_string());
  json.key("device_id").string(command.device.to_string());
  json.key("name").string(command.name);
  json.key("payload").raw(command.payload);
  json.key("state").string(registry::to_string(command.state));
  write_time(json, "created", command.created);
  write_time(json, "expires", command.expires);
  write_time(json, "sent", command.sent);
  write_time(json, "delivered", command.delivered);
  write_time(json, "answered", command.answered);
  json.key("response").raw(command.response.empty() ? "null" : command.response);
  json.key("user_id").string(command.user.to_string());
  json.end_object();
}

void write_device_event(JsonWriter& json, const registry::DeviceEvent& event) {
  json.begin_object();
  json.key("id").string(std::to_string(event.id));
  json.key("event").string(registry::to_string(event.kind));
  write_time(json, "time", event.time);
  write_time(json, "last_seen", event.last_seen.ns == 0 ? std::nullopt : std::optional(event.last_seen));
  json.end_object();
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
  write_rollups(json, sensor.rollups);
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

void write_dashboard(JsonWriter& json, const registry::Dashboard& dashboard, bool may_change) {
  json.begin_object();
  write_dashboard_members(json, dashboard, may_change);
  json.end_object();
}

void write_dashboard_with_document(JsonWriter& json, const registry::Dashboard& dashboard, bool may_change) {
  json.begin_object();
  write_dashboard_members(json, dashboard, may_change);
  json.key("document").raw(dashboard.document);
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

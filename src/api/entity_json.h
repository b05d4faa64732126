// What users, devices, sensors and consumers look like in answers. Ids are decimal strings; times are RFC 3339.
#pragma once

#include <span>

#include "base/json_writer.h"
#include "broker/broker.h"
#include "gateway/device_presence.h"
#include "model/entities.h"
#include "registry/dashboards.h"
#include "registry/device_records.h"
#include "registry/registry.h"

namespace iot::api {

void write_user(JsonWriter& json, const model::User& user);
/// With until when it is signed in.
void write_session(JsonWriter& json, const model::User& user, Timestamp expires);
void write_device(JsonWriter& json, const model::Device& device);
/// With "sensors".
void write_device_with(JsonWriter& json, const model::Device& device, std::span<const model::Sensor> sensors);
/// The same, with how it stands.
void write_device_with(JsonWriter& json, const model::Device& device, std::span<const model::Sensor> sensors,
                       const gateway::DeviceStanding& standing);
void write_presence(JsonWriter& json, const gateway::DeviceStanding& standing,
                    std::span<const broker::SessionInfo> sessions);
void write_device_error(JsonWriter& json, DeviceId device, std::string_view name,
                        const gateway::DeviceStanding& standing);
void write_command(JsonWriter& json, const registry::DeviceCommand& command);
void write_device_event(JsonWriter& json, const registry::DeviceEvent& event);
void write_certificate(JsonWriter& json, const model::Certificate& certificate);
void write_sensor(JsonWriter& json, const model::Sensor& sensor);
void write_consumer(JsonWriter& json, const model::Consumer& consumer);
void write_dashboard(JsonWriter& json, const registry::Dashboard& dashboard, bool may_change);
void write_dashboard_with_document(JsonWriter& json, const registry::Dashboard& dashboard, bool may_change);
void write_audit_entry(JsonWriter& json, const registry::AuditEntry& entry);

}  // namespace iot::api

// Entities as rows: the columns in which they are read, in order, and the value made of them.
#pragma once

#include <string>
#include <tuple>

#include "model/entities.h"
#include "registry/change.h"
#include "registry/registry.h"
#include "registry/sql.h"

namespace iot::registry {

inline const std::string user_columns = "users.id, users.name, users.username, users.role, users.created_ns";
using UserRow = std::tuple<Integer, std::string, std::string, Integer, Integer>;
model::User to_user(UserRow& row);

inline const std::string device_columns =
    "devices.id, devices.owner_id, devices.name, devices.description, devices.retention_s, devices.silent_after_s,"
    " devices.created_ns, devices.rollups";
using DeviceRow = std::tuple<Integer, Integer, std::string, std::string, Integer, Integer, Integer, std::string>;
model::Device to_device(DeviceRow& row);

inline const std::string certificate_columns =
    "device_certificates.fingerprint, device_certificates.device_id, device_certificates.name,"
    " device_certificates.created_ns";
using CertificateRow = std::tuple<std::string, Integer, std::string, Integer>;
model::Certificate to_certificate(CertificateRow& row);
/// What only this program writes; a value that is no fingerprint is damage.
Fingerprint to_fingerprint(const std::string& stored);

inline const std::string sensor_columns =
    "sensors.id, sensors.device_id, sensors.name, sensors.description, sensors.unit, sensors.path, sensors.mapping,"
    " sensors.retention_s, sensors.created_ns, sensors.rollups";
using SensorRow = std::tuple<Integer, Integer, std::string, std::string, std::string, std::string, Integer, Integer,
                             Integer, std::string>;
model::Sensor to_sensor(SensorRow& row);

inline const std::string consumer_columns =
    "consumers.id, consumers.owner_id, consumers.name, consumers.description, consumers.created_ns";
using ConsumerRow = std::tuple<Integer, Integer, std::string, std::string, Integer>;
model::Consumer to_consumer(ConsumerRow& row);

inline const std::string audit_columns = "id, time_ns, user_id, address, action, subject, details";
using AuditRow = std::tuple<Integer, Integer, Integer, std::string, std::string, std::string, std::string>;
AuditEntry to_audit_entry(AuditRow& row);

inline const std::string change_columns =
    "sequence, kind, id, parent, type, key_version, retention_s, silent_after_s,"
    " fingerprint, rollups";
using ChangeRow =
    std::tuple<Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, std::string, std::string>;
Change to_change(const ChangeRow& row);

}  // namespace iot::registry

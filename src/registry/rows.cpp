#include "registry/rows.h"

#include <utility>

#include "registry/stored_rollups.h"

namespace iot::registry {

model::User to_user(UserRow& row) {
  auto& [id, name, username, role, created_ns] = row;
  return {UserId{id}, std::move(name), std::move(username), static_cast<model::Role>(role), Timestamp{created_ns}};
}

model::Device to_device(DeviceRow& row) {
  auto& [id, owner, name, description, retention_s, silent_after_s, created_ns, rollups] = row;
  return {DeviceId{id},
          UserId{owner},
          std::move(name),
          std::move(description),
          seconds_from(retention_s),
          Timestamp{created_ns},
          seconds_from(silent_after_s),
          rollups_from(rollups)};
}

Fingerprint to_fingerprint(const std::string& stored) {
  const auto parsed = parse_fingerprint(stored);
  if (!parsed) throw soci::soci_error("a stored fingerprint of a certificate is none: " + stored);
  return *parsed;
}

model::Certificate to_certificate(CertificateRow& row) {
  auto& [fingerprint, device, name, created_ns] = row;
  return {DeviceId{device}, to_fingerprint(fingerprint), std::move(name), Timestamp{created_ns}};
}

model::Sensor to_sensor(SensorRow& row) {
  auto& [id, device, name, description, unit, path, mapping, retention_s, created_ns, rollups] = row;
  return {SensorId{id},
          DeviceId{device},
          std::move(name),
          std::move(description),
          std::move(unit),
          std::move(path),
          static_cast<model::MappingType>(mapping),
          seconds_from(retention_s),
          Timestamp{created_ns},
          rollups_from(rollups)};
}

model::Consumer to_consumer(ConsumerRow& row) {
  auto& [id, owner, name, description, created_ns] = row;
  return {ConsumerId{id}, UserId{owner}, std::move(name), std::move(description), Timestamp{created_ns}};
}

AuditEntry to_audit_entry(AuditRow& row) {
  auto& [id, time_ns, user, address, action, subject, details] = row;
  return {id,
          Timestamp{time_ns},
          UserId{user},
          std::move(address),
          std::move(action),
          std::move(subject),
          std::move(details)};
}

Change to_change(const ChangeRow& row) {
  const auto& [sequence, kind, id, parent, type, key_version, retention_s, silent_after_s, fingerprint, rollups] = row;
  Change change{static_cast<std::uint64_t>(sequence),
                static_cast<ChangeKind>(kind),
                id,
                parent,
                type,
                key_version,
                retention_s,
                silent_after_s};
  change.rollups = rollups_from(rollups);
  if (!fingerprint.empty()) change.fingerprint = to_fingerprint(fingerprint);
  return change;
}

}  // namespace iot::registry

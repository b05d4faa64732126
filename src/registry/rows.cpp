#include "registry/rows.h"

#include <utility>

namespace iot::registry {

model::User to_user(UserRow& row) {
  auto& [id, name, username, role, created_ns] = row;
  return {UserId{id}, std::move(name), std::move(username), static_cast<model::Role>(role), Timestamp{created_ns}};
}

model::Device to_device(DeviceRow& row) {
  auto& [id, owner, name, description, retention_s, created_ns] = row;
  return {DeviceId{id},         UserId{owner}, std::move(name), std::move(description), retention_from(retention_s),
          Timestamp{created_ns}};
}

model::Sensor to_sensor(SensorRow& row) {
  auto& [id, device, name, description, unit, path, mapping, retention_s, created_ns] = row;
  return {SensorId{id},
          DeviceId{device},
          std::move(name),
          std::move(description),
          std::move(unit),
          std::move(path),
          static_cast<model::MappingType>(mapping),
          retention_from(retention_s),
          Timestamp{created_ns}};
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
  const auto& [sequence, kind, id, parent, type, key_version, retention_s] = row;
  return {
      static_cast<std::uint64_t>(sequence), static_cast<ChangeKind>(kind), id, parent, type, key_version, retention_s};
}

}  // namespace iot::registry

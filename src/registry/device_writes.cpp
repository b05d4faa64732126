#include "registry/device_writes.h"

#include "registry/certificate_writes.h"
#include "registry/command_writes.h"
#include "registry/presence_writes.h"
#include "registry/stored_rollups.h"
#include "registry/text.h"
#include "registry/validation.h"

namespace iot::registry {
namespace {

Error no_such_device(DeviceId id) {
  return make_error(Errc::device_not_found, "there is no device " + id.to_string());
}

/// Each grant is recorded as revoked, so that consumers' entries of snapshots are right without a search.
void revoke_all_on(WriteContext& write, DeviceId device) {
  std::vector<Change> changes;
  write.sql().grants_on_device.for_each(
      device.value, [&](const auto& grant) { changes.push_back(revoked({std::get<0>(grant)}, {std::get<1>(grant)})); });
  if (changes.empty()) return;
  for (const Change& change : changes) write.record(change);
  write.sql().delete_grants_on_device.run(device.value);
}

}  // namespace

Result<model::Device> create_device(WriteContext& write, const Actor& actor, const NewDevice& device) {
  if (!write.state().users.contains(device.owner)) {
    return make_error(Errc::user_not_found, "there is no user " + device.owner.to_string(), "owner");
  }
  constexpr std::uint64_t key_version = 1;
  const DeviceId id = write.next_device();
  write.sql().insert_device.run(id.value, device.owner.value, device.name, fold_case(device.name), device.description,
                                stored_seconds(device.retention), stored_seconds(device.silent_after),
                                stored_rollups(device.rollups), key_version, write.now().ns);
  write.record(device_set(id, {.owner = device.owner,
                               .key_version = key_version,
                               .retention = device.retention,
                               .silent_after = device.silent_after,
                               .rollups = device.rollups}));
  AuditDetails details;
  details.add("name", device.name).add("owner", device.owner.to_string());
  write.audit(actor, "device.create", subject("device", id), details);
  return model::Device{id,          device.owner,        device.name,   device.description, device.retention,
                       write.now(), device.silent_after, device.rollups};
}

Result<model::Device> update_device(WriteContext& write, const Actor& actor, DeviceId id, const DevicePatch& patch) {
  const auto* entry = write.state().devices.find(id);
  auto row = write.sql().device.first(id.value);
  if (!entry || !row) return no_such_device(id);
  const model::Device before = to_device(*row);
  model::Device after = before;
  if (patch.name) after.name = *patch.name;
  if (patch.description) after.description = *patch.description;
  if (patch.retention) after.retention = *patch.retention;
  if (patch.silent_after) after.silent_after = *patch.silent_after;
  if (patch.rollups) after.rollups = *patch.rollups;
  IOT_CHECK(check_ages(after.retention, after.rollups));

  AuditDetails details;
  details.changed("name", before.name, after.name)
      .changed("description", before.description, after.description)
      .changed("retention_s", stored_seconds(before.retention), stored_seconds(after.retention))
      .changed("silent_after_s", stored_seconds(before.silent_after), stored_seconds(after.silent_after))
      .changed("rollups", stored_rollups(before.rollups), stored_rollups(after.rollups));
  if (details.empty()) return after;
  write.sql().update_device.run(after.name, fold_case(after.name), after.description, stored_seconds(after.retention),
                                stored_seconds(after.silent_after), stored_rollups(after.rollups), id.value);
  if (after.retention != before.retention || after.silent_after != before.silent_after ||
      after.rollups != before.rollups) {
    DeviceEntry changed = *entry;
    changed.retention = after.retention;
    changed.silent_after = after.silent_after;
    changed.rollups = after.rollups;
    write.record(device_set(id, changed));
  }
  write.audit(actor, "device.update", subject("device", id), details);
  return after;
}

Result<void> delete_device(WriteContext& write, const Actor& actor, DeviceId id) {
  auto row = write.sql().device.first(id.value);
  if (!row) return no_such_device(id);
  const model::Device device = to_device(*row);
  revoke_all_on(write, id);
  remove_certificates_of(write, id);
  remove_commands_of(write, id);
  remove_presence_of(write, id);
  const auto sensors = write.sql().delete_sensors_of_device.run(id.value);
  write.sql().delete_device.run(id.value);
  write.record(device_removed(id));
  AuditDetails details;
  details.add("name", device.name).add("owner", device.owner.to_string()).add("sensors", std::int64_t{sensors});
  write.audit(actor, "device.delete", subject("device", id), details);
  return {};
}

Result<std::uint64_t> rotate_device_key(WriteContext& write, const Actor& actor, DeviceId id) {
  const auto* entry = write.state().devices.find(id);
  if (!entry) return no_such_device(id);
  const std::uint64_t key_version = entry->key_version + 1;
  write.sql().update_device_key.run(static_cast<Integer>(key_version), id.value);
  DeviceEntry changed = *entry;
  changed.key_version = key_version;
  write.record(device_set(id, changed));
  AuditDetails details;
  details.changed("key_version", static_cast<std::int64_t>(entry->key_version), static_cast<std::int64_t>(key_version));
  write.audit(actor, "device.rotate_key", subject("device", id), details);
  return key_version;
}

}  // namespace iot::registry

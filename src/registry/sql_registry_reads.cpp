#include "registry/read_pool.h"
#include "registry/sql_registry.h"

namespace iot::registry {
namespace {

template <class T>
Result<T> found(std::optional<T> value, Errc missing, std::string_view kind, std::string_view which) {
  if (value) return std::move(*value);
  return make_error(missing, "there is no " + std::string(kind) + " " + std::string(which));
}

}  // namespace

Result<Credentials> SqlRegistry::credentials(std::string_view username) {
  return readers_->with([&](ReadConnection& sql) -> Result<Credentials> {
    return found(sql.credentials(username), Errc::user_not_found, "user", "of that name");
  });
}

Result<model::User> SqlRegistry::user(UserId id) {
  return readers_->with(
      [&](ReadConnection& sql) { return found(sql.user(id), Errc::user_not_found, "user", id.to_string()); });
}

Result<model::Device> SqlRegistry::device(DeviceId id) {
  return readers_->with(
      [&](ReadConnection& sql) { return found(sql.device(id), Errc::device_not_found, "device", id.to_string()); });
}

Result<std::vector<model::Certificate>> SqlRegistry::certificates(DeviceId device) {
  return readers_->with([&](ReadConnection& sql) -> Result<std::vector<model::Certificate>> {
    auto certificates = sql.certificates(device);
    // Only an empty list can be that of a device which is not there.
    if (certificates.empty()) {
      IOT_CHECK(found(sql.device(device), Errc::device_not_found, "device", device.to_string()));
    }
    return certificates;
  });
}

Result<model::Sensor> SqlRegistry::sensor(SensorId id) {
  return readers_->with(
      [&](ReadConnection& sql) { return found(sql.sensor(id), Errc::sensor_not_found, "sensor", id.to_string()); });
}

Result<model::Consumer> SqlRegistry::consumer(ConsumerId id) {
  return readers_->with([&](ReadConnection& sql) {
    return found(sql.consumer(id), Errc::consumer_not_found, "consumer", id.to_string());
  });
}

Result<std::vector<model::User>> SqlRegistry::users(const Page& page) {
  return readers_->with([&](ReadConnection& sql) -> Result<std::vector<model::User>> { return sql.users(page); });
}

Result<std::vector<model::Device>> SqlRegistry::devices(std::optional<UserId> owner, const Page& page) {
  return readers_->with(
      [&](ReadConnection& sql) -> Result<std::vector<model::Device>> { return sql.devices(owner, page); });
}

Result<std::vector<model::Sensor>> SqlRegistry::sensors(DeviceId device, const Page& page) {
  return readers_->with([&](ReadConnection& sql) -> Result<std::vector<model::Sensor>> {
    auto sensors = sql.sensors(device, page);
    // Only an empty list can be that of a device which is not there.
    if (sensors.empty()) IOT_CHECK(found(sql.device(device), Errc::device_not_found, "device", device.to_string()));
    return sensors;
  });
}

Result<std::vector<model::Sensor>> SqlRegistry::sensors_of(const std::vector<DeviceId>& devices,
                                                           std::size_t per_device_max) {
  return readers_->with([&](ReadConnection& sql) -> Result<std::vector<model::Sensor>> {
    std::vector<model::Sensor> all;
    for (const DeviceId device : devices) {
      auto sensors = sql.sensors(device, Page{.limit = per_device_max, .after = {}, .name = {}});
      all.insert(all.end(), std::make_move_iterator(sensors.begin()), std::make_move_iterator(sensors.end()));
    }
    return all;
  });
}

Result<std::vector<model::Consumer>> SqlRegistry::consumers(std::optional<UserId> owner, const Page& page) {
  return readers_->with(
      [&](ReadConnection& sql) -> Result<std::vector<model::Consumer>> { return sql.consumers(owner, page); });
}

Result<std::vector<model::Sensor>> SqlRegistry::granted_sensors(ConsumerId consumer, const Page& page) {
  return readers_->with([&](ReadConnection& sql) -> Result<std::vector<model::Sensor>> {
    auto sensors = sql.granted_sensors(consumer, page);
    if (sensors.empty()) {
      IOT_CHECK(found(sql.consumer(consumer), Errc::consumer_not_found, "consumer", consumer.to_string()));
    }
    return sensors;
  });
}

Result<std::vector<AuditEntry>> SqlRegistry::audit(const Page& page) {
  return readers_->with([&](ReadConnection& sql) -> Result<std::vector<AuditEntry>> { return sql.audit(page); });
}

Result<std::optional<std::vector<Change>>> SqlRegistry::changes_after(std::uint64_t after, std::size_t count_max) {
  using Changes = std::optional<std::vector<Change>>;
  return readers_->with([&](ReadConnection& sql) -> Result<Changes> {
    auto changes = sql.changes(after, count_max);
    // Asked after the list: what was pruned in between is missed rather than taken for whole.
    if (sql.first_change() > after + 1) return Changes{};
    return Changes(std::move(changes));
  });
}

}  // namespace iot::registry

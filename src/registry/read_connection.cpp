#include "registry/read_connection.h"

#include "registry/list_sql.h"
#include "registry/page_parameters.h"
#include "registry/text.h"

namespace iot::registry {
namespace {

/// The rows of a page, each made a value by `to_value`. `owner` are the parameters before those of the page.
template <class ListQuery, class ToValue, class... Owner>
auto list(ListQuery& query, ToValue to_value, const Page& page, Owner... owner) {
  std::vector<decltype(to_value(std::declval<typename ListQuery::RowType&>()))> values;
  query.for_each(owner..., after_of(page), contains_pattern(page.name), limit_of(page),
                 [&](auto& row) { values.push_back(to_value(row)); });
  return values;
}

template <class OneQuery, class ToValue>
auto one(OneQuery& query, ToValue to_value, Integer id) {
  auto row = query.first(id);
  std::optional<decltype(to_value(*row))> value;
  if (row) value = to_value(*row);
  return value;
}

}  // namespace

ReadConnection::ReadConnection(std::unique_ptr<soci::session> session)
    : session_(std::move(session)),
      credentials_(*session_, "SELECT " + user_columns + ", users.password_hash FROM users WHERE username = :username"),
      user_(*session_, "SELECT " + user_columns + " FROM users WHERE id = :id"),
      device_(*session_, "SELECT " + device_columns + " FROM devices WHERE id = :id"),
      certificates_(*session_, list_sql::certificates_of_device),
      sensor_(*session_, "SELECT " + sensor_columns + " FROM sensors WHERE id = :id"),
      consumer_(*session_, "SELECT " + consumer_columns + " FROM consumers WHERE id = :id"),
      users_(*session_, list_sql::users),
      devices_(*session_, list_sql::devices),
      devices_of_owner_(*session_, list_sql::devices_of_owner),
      sensors_of_device_(*session_, list_sql::sensors_of_device),
      consumers_(*session_, list_sql::consumers),
      consumers_of_owner_(*session_, list_sql::consumers_of_owner),
      granted_sensors_(*session_, list_sql::granted_sensors),
      audit_(*session_, list_sql::audit),
      changes_(*session_, list_sql::changes),
      first_change_(*session_, "SELECT COALESCE((SELECT MIN(sequence) FROM changes), changes + 1) FROM counters"),
      commands(*session_),
      presence(*session_),
      dashboards(*session_) {}

std::optional<Credentials> ReadConnection::credentials(std::string_view username) {
  auto row = credentials_.first(std::string(username));
  if (!row) return {};
  auto& [id, name, stored_username, role, created_ns, password_hash] = *row;
  UserRow user(id, std::move(name), std::move(stored_username), role, created_ns);
  return Credentials{to_user(user), std::move(password_hash)};
}

std::optional<model::User> ReadConnection::user(UserId id) {
  return one(user_, to_user, id.value);
}
std::optional<model::Device> ReadConnection::device(DeviceId id) {
  return one(device_, to_device, id.value);
}
std::vector<model::Certificate> ReadConnection::certificates(DeviceId device) {
  std::vector<model::Certificate> found;
  certificates_.for_each(device.value, [&](CertificateRow& row) { found.push_back(to_certificate(row)); });
  return found;
}
std::optional<model::Sensor> ReadConnection::sensor(SensorId id) {
  return one(sensor_, to_sensor, id.value);
}
std::optional<model::Consumer> ReadConnection::consumer(ConsumerId id) {
  return one(consumer_, to_consumer, id.value);
}

std::vector<model::User> ReadConnection::users(const Page& page) {
  return list(users_, to_user, page);
}

std::vector<model::Device> ReadConnection::devices(std::optional<UserId> owner, const Page& page) {
  return owner ? list(devices_of_owner_, to_device, page, Integer{owner->value}) : list(devices_, to_device, page);
}

std::vector<model::Sensor> ReadConnection::sensors(DeviceId device, const Page& page) {
  return list(sensors_of_device_, to_sensor, page, Integer{device.value});
}

std::vector<model::Consumer> ReadConnection::consumers(std::optional<UserId> owner, const Page& page) {
  return owner ? list(consumers_of_owner_, to_consumer, page, Integer{owner->value})
               : list(consumers_, to_consumer, page);
}

std::vector<model::Sensor> ReadConnection::granted_sensors(ConsumerId consumer, const Page& page) {
  return list(granted_sensors_, to_sensor, page, Integer{consumer.value});
}

std::vector<AuditEntry> ReadConnection::audit(const Page& page) {
  std::vector<AuditEntry> entries;
  const std::string pattern = contains_pattern(page.name);
  audit_.for_each(page.after.value_or(std::numeric_limits<std::int64_t>::max()), pattern, pattern, limit_of(page),
                  [&](AuditRow& row) { entries.push_back(to_audit_entry(row)); });
  return entries;
}

std::vector<Change> ReadConnection::changes(std::uint64_t after, std::size_t count_max) {
  std::vector<Change> changes;
  changes_.for_each(static_cast<Integer>(after), static_cast<Integer>(count_max),
                    [&](const ChangeRow& row) { changes.push_back(to_change(row)); });
  return changes;
}

std::uint64_t ReadConnection::first_change() {
  return static_cast<std::uint64_t>(std::get<0>(*first_change_.first()));
}

}  // namespace iot::registry

#include "api/caller.h"

#include "gateway/session_cookie.h"

namespace iot::api {
namespace {

Error not_allowed(std::string message) {
  return make_error(Errc::not_allowed, std::move(message));
}

template <class IdType>
std::optional<IdType> id_in_path(const Request& request, std::string_view name) {
  const std::string* text = find_parameter(request.path, name);
  return text ? parse_id<IdType>(*text) : std::nullopt;
}

Result<void> check_owner(const Request& request, UserId owner) {
  if (owner == request.caller.user || request.caller.is_admin()) return {};
  return not_allowed("it belongs to another user");
}

Error device_not_found() {
  return make_error(registry::Errc::device_not_found, "Device not found");
}
Error sensor_not_found() {
  return make_error(registry::Errc::sensor_not_found, "Sensor not found");
}

}  // namespace

Result<Caller> authenticate(const Service& service, const net::HttpRequest& http, const registry::Snapshot& snapshot) {
  const auto session = gateway::session_token(http);
  const auto token = session ? session : access::bearer_token(http.header("Authorization"));
  if (!token) {
    return make_error(Errc::not_signed_in, "sign in, and send the token as Authorization: Bearer <token>",
                      "Authorization");
  }
  if (session && !gateway::may_use_session(http)) {
    return make_error(Errc::cross_site_request, "the session's cookie counts only for requests of our own pages");
  }
  IOT_TRY(const access::Identity identity, service.use.tokens.verify(*token, access::Audience::user));
  const UserId user{identity.subject};
  const registry::UserEntry* entry = snapshot.users.find(user);
  if (!entry || !access::is_current(identity, entry->key_version)) {
    return make_error(access::Errc::revoked, "the token was revoked; sign in again", "Authorization");
  }
  return Caller{user, entry->role};
}

Result<void> check_role(const Caller& caller, Access access) {
  switch (access) {
    case Access::anyone:
    case Access::consumer:
    case Access::querier:
    case Access::reader:
      return {};
    case Access::writer:
      if (caller.role == model::Role::read_only) return not_allowed("a read-only user changes nothing");
      return {};
    case Access::admin:
      if (!caller.is_admin()) return not_allowed("this is for admins");
      return {};
  }
  return not_allowed("this is for nobody");
}

Result<std::optional<UserId>> user_of_path(const Request& request) {
  if (!find_parameter(request.path, "user_id")) return std::optional<UserId>();
  const auto user = id_in_path<UserId>(request, "user_id");
  if (!user || !request.snapshot->users.contains(*user)) {
    return make_error(registry::Errc::user_not_found, "User not found");
  }
  IOT_CHECK(check_owner(request, *user));
  return std::optional(*user);
}

Result<UserId> own_user(const Request& request) {
  IOT_TRY(const std::optional<UserId> user, user_of_path(request));
  return user.value();
}

Result<DeviceId> own_device(const Request& request) {
  IOT_TRY(const std::optional<UserId> user, user_of_path(request));
  const auto device = id_in_path<DeviceId>(request, "device_id");
  const registry::DeviceEntry* entry = device ? request.snapshot->devices.find(*device) : nullptr;
  if (!entry || (user && entry->owner != *user)) return device_not_found();
  IOT_CHECK(check_owner(request, entry->owner));
  return *device;
}

Result<SensorId> own_sensor(const Request& request) {
  IOT_TRY(const DeviceId device, own_device(request));
  const auto sensor = id_in_path<SensorId>(request, "sensor_id");
  const registry::SensorEntry* entry = sensor ? request.snapshot->sensors.find(*sensor) : nullptr;
  if (!entry || entry->device != device) return sensor_not_found();
  return *sensor;
}

Result<ConsumerId> own_consumer(const Request& request) {
  IOT_TRY(const std::optional<UserId> user, user_of_path(request));
  const auto consumer = id_in_path<ConsumerId>(request, "consumer_id");
  const registry::ConsumerEntry* entry = consumer ? request.snapshot->consumers.find(*consumer) : nullptr;
  if (!entry || (user && entry->owner != *user)) {
    return make_error(registry::Errc::consumer_not_found, "Consumer not found");
  }
  IOT_CHECK(check_owner(request, entry->owner));
  return *consumer;
}

Result<void> check_own(const Request& request, SensorId sensor) {
  const registry::SensorEntry* entry = request.snapshot->sensors.find(sensor);
  const registry::DeviceEntry* device = entry ? request.snapshot->devices.find(entry->device) : nullptr;
  if (!device) return sensor_not_found();
  return check_owner(request, device->owner);
}

Result<std::optional<UserId>> owner_of_list(const Request& request) {
  IOT_TRY(const std::optional<UserId> user, user_of_path(request));
  if (user || request.caller.is_admin()) return user;
  return std::optional(request.caller.user);
}

Result<UserId> owner_of_new(const Request& request) {
  IOT_TRY(const std::optional<UserId> user, user_of_path(request));
  return user.value_or(request.caller.user);
}

}  // namespace iot::api

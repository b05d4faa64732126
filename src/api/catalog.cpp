#include "api/catalog.h"

#include <algorithm>
#include <tuple>

namespace iot::api {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

query::Index index_of(SensorId sensor, const registry::SensorEntry& entry) {
  return {.device = entry.device, .sensor = sensor, .mapping = entry.mapping};
}

}  // namespace

Catalog Catalog::of_sensor(registry::SnapshotPtr snapshot, SensorId sensor) {
  return {std::move(snapshot), One{sensor}};
}

Catalog Catalog::of_consumer(registry::SnapshotPtr snapshot, ConsumerId consumer) {
  const registry::ConsumerEntry* entry = snapshot->consumers.find(consumer);
  return {std::move(snapshot), Granted{entry}};
}

Catalog Catalog::of_user(registry::SnapshotPtr snapshot, Caller caller) {
  return {std::move(snapshot), Owned{caller}};
}

Catalog Catalog::of_named(registry::SnapshotPtr snapshot, Caller user, const NamedSensors& named) {
  Named whose{user, {}};
  for (const auto& [device, sensor] : named) {
    const registry::SensorEntry* entry = snapshot->sensors.find(sensor);
    if (entry && entry->device == device) whose.sensors.push_back(sensor);
  }
  std::ranges::sort(whose.sensors);
  return {std::move(snapshot), std::move(whose)};
}

bool Catalog::may_see(const Caller& user, const registry::SensorEntry& entry) const {
  const registry::DeviceEntry* device = snapshot_->devices.find(entry.device);
  return user.is_admin() || (device && device->owner == user.user);
}

bool Catalog::may_see(SensorId sensor, const registry::SensorEntry& entry) const {
  return std::visit(Overloaded{[&](One one) { return one.sensor == sensor; },
                               [&](Granted granted) { return granted.consumer->grants.contains(sensor); },
                               [&](const Owned& owned) { return may_see(owned.caller, entry); },
                               [&](const Named& named) {
                                 return std::ranges::binary_search(named.sensors, sensor) && may_see(named.user, entry);
                               }},
                    whose_);
}

std::optional<query::Index> Catalog::find(DeviceId device, SensorId sensor) const {
  const registry::SensorEntry* entry = snapshot_->sensors.find(sensor);
  if (!entry || entry->device != device || !may_see(sensor, *entry)) return {};
  return index_of(sensor, *entry);
}

std::vector<query::Index> Catalog::gather() const {
  std::vector<query::Index> indices;
  const auto add = [&](SensorId sensor, const auto&) {
    if (const registry::SensorEntry* entry = snapshot_->sensors.find(sensor)) {
      indices.push_back(index_of(sensor, *entry));
    }
  };
  std::visit(Overloaded{[&](One one) { add(one.sensor, one); },
                        [&](Granted granted) { granted.consumer->grants.for_each(add); },
                        [&](const Named& named) {
                          for (const SensorId sensor : named.sensors) {
                            const registry::SensorEntry* entry = snapshot_->sensors.find(sensor);
                            if (entry && may_see(named.user, *entry)) add(sensor, *entry);
                          }
                        },
                        [&](const Owned& owned) {
                          snapshot_->devices.for_each([&](DeviceId, const registry::DeviceEntry& device) {
                            if (owned.caller.is_admin() || device.owner == owned.caller.user) {
                              device.sensors.for_each(add);
                            }
                          });
                        }},
             whose_);
  std::ranges::sort(indices, {}, [](const query::Index& index) { return std::tuple(index.device, index.sensor); });
  return indices;
}

void Catalog::for_each(const std::function<bool(const query::Index&)>& visit) const {
  if (!gathered_) gathered_ = gather();
  for (const query::Index& index : *gathered_) {
    if (!visit(index)) return;
  }
}

}  // namespace iot::api

#include "registry/certificate_writes.h"
#include "registry/consumer_writes.h"
#include "registry/device_writes.h"
#include "registry/sensor_writes.h"
#include "registry/sql_registry.h"
#include "registry/submit.h"
#include "registry/user_writes.h"
#include "registry/validation.h"

namespace iot::registry {

void SqlRegistry::create_user(Actor actor, NewUser user, Done<model::User> done) {
  auto checked = validate(user, options_.limits);
  submit<model::User>(*writer_, std::move(checked), std::move(done),
                      [actor = std::move(actor), user = std::move(user)](WriteContext& write) {
                        return registry::create_user(write, actor, user);
                      });
}

void SqlRegistry::update_user(Actor actor, UserId id, UserPatch patch, Done<model::User> done) {
  auto checked = validate(patch, options_.limits);
  submit<model::User>(*writer_, std::move(checked), std::move(done),
                      [actor = std::move(actor), id, patch = std::move(patch)](WriteContext& write) {
                        return registry::update_user(write, actor, id, patch);
                      });
}

void SqlRegistry::delete_user(Actor actor, UserId id, Done<void> done) {
  submit<void>(*writer_, {}, std::move(done),
               [actor = std::move(actor), id](WriteContext& write) { return registry::delete_user(write, actor, id); });
}

void SqlRegistry::create_device(Actor actor, NewDevice device, Done<model::Device> done) {
  auto checked = validate(device, options_.limits);
  submit<model::Device>(*writer_, std::move(checked), std::move(done),
                        [actor = std::move(actor), device = std::move(device)](WriteContext& write) {
                          return registry::create_device(write, actor, device);
                        });
}

void SqlRegistry::update_device(Actor actor, DeviceId id, DevicePatch patch, Done<model::Device> done) {
  auto checked = validate(patch, options_.limits);
  submit<model::Device>(*writer_, std::move(checked), std::move(done),
                        [actor = std::move(actor), id, patch = std::move(patch)](WriteContext& write) {
                          return registry::update_device(write, actor, id, patch);
                        });
}

void SqlRegistry::delete_device(Actor actor, DeviceId id, Done<void> done) {
  submit<void>(*writer_, {}, std::move(done), [actor = std::move(actor), id](WriteContext& write) {
    return registry::delete_device(write, actor, id);
  });
}

void SqlRegistry::rotate_device_key(Actor actor, DeviceId id, Done<std::uint64_t> done) {
  submit<std::uint64_t>(*writer_, {}, std::move(done), [actor = std::move(actor), id](WriteContext& write) {
    return registry::rotate_device_key(write, actor, id);
  });
}

void SqlRegistry::add_certificate(Actor actor, NewCertificate certificate, Done<model::Certificate> done) {
  auto checked = validate(certificate, options_.limits);
  submit<model::Certificate>(*writer_, std::move(checked), std::move(done),
                             [actor = std::move(actor), certificate = std::move(certificate)](WriteContext& write) {
                               return registry::add_certificate(write, actor, certificate);
                             });
}

void SqlRegistry::remove_certificate(Actor actor, DeviceId device, Fingerprint fingerprint, Done<void> done) {
  submit<void>(*writer_, {}, std::move(done), [actor = std::move(actor), device, fingerprint](WriteContext& write) {
    return registry::remove_certificate(write, actor, device, fingerprint);
  });
}

void SqlRegistry::create_sensors(Actor actor, std::vector<NewSensor> sensors, Done<std::vector<model::Sensor>> done) {
  auto checked = validate(sensors, options_.limits);
  const std::size_t count = checked ? sensors.size() : 0;
  submit<std::vector<model::Sensor>>(
      *writer_, std::move(checked), std::move(done),
      [actor = std::move(actor), sensors = std::move(sensors)](WriteContext& write) mutable {
        return registry::create_sensors(write, actor, sensors);
      },
      count);
}

void SqlRegistry::update_sensor(Actor actor, SensorId id, SensorPatch patch, Done<model::Sensor> done) {
  auto checked = validate(patch, options_.limits);
  submit<model::Sensor>(*writer_, std::move(checked), std::move(done),
                        [actor = std::move(actor), id, patch = std::move(patch)](WriteContext& write) {
                          return registry::update_sensor(write, actor, id, patch);
                        });
}

void SqlRegistry::delete_sensor(Actor actor, SensorId id, Done<void> done) {
  submit<void>(*writer_, {}, std::move(done), [actor = std::move(actor), id](WriteContext& write) {
    return registry::delete_sensor(write, actor, id);
  });
}

void SqlRegistry::create_consumer(Actor actor, NewConsumer consumer, Done<model::Consumer> done) {
  auto checked = validate(consumer, options_.limits);
  submit<model::Consumer>(*writer_, std::move(checked), std::move(done),
                          [actor = std::move(actor), consumer = std::move(consumer)](WriteContext& write) {
                            return registry::create_consumer(write, actor, consumer);
                          });
}

void SqlRegistry::update_consumer(Actor actor, ConsumerId id, ConsumerPatch patch, Done<model::Consumer> done) {
  auto checked = validate(patch, options_.limits);
  submit<model::Consumer>(*writer_, std::move(checked), std::move(done),
                          [actor = std::move(actor), id, patch = std::move(patch)](WriteContext& write) {
                            return registry::update_consumer(write, actor, id, patch);
                          });
}

void SqlRegistry::delete_consumer(Actor actor, ConsumerId id, Done<void> done) {
  submit<void>(*writer_, {}, std::move(done), [actor = std::move(actor), id](WriteContext& write) {
    return registry::delete_consumer(write, actor, id);
  });
}

void SqlRegistry::rotate_consumer_key(Actor actor, ConsumerId id, Done<std::uint64_t> done) {
  submit<std::uint64_t>(*writer_, {}, std::move(done), [actor = std::move(actor), id](WriteContext& write) {
    return registry::rotate_consumer_key(write, actor, id);
  });
}

void SqlRegistry::grant(Actor actor, ConsumerId consumer, SensorId sensor, Done<void> done) {
  submit<void>(*writer_, {}, std::move(done), [actor = std::move(actor), consumer, sensor](WriteContext& write) {
    return registry::grant(write, actor, consumer, sensor);
  });
}

void SqlRegistry::revoke(Actor actor, ConsumerId consumer, SensorId sensor, Done<void> done) {
  submit<void>(*writer_, {}, std::move(done), [actor = std::move(actor), consumer, sensor](WriteContext& write) {
    return registry::revoke(write, actor, consumer, sensor);
  });
}

}  // namespace iot::registry

#include "registry/consumer_writes.h"

#include "registry/text.h"

namespace iot::registry {
namespace {

Error no_such_consumer(ConsumerId id) {
  return make_error(Errc::consumer_not_found, "there is no consumer " + id.to_string());
}

}  // namespace

Result<model::Consumer> create_consumer(WriteContext& write, const Actor& actor, const NewConsumer& consumer) {
  if (!write.state().users.contains(consumer.owner)) {
    return make_error(Errc::user_not_found, "there is no user " + consumer.owner.to_string(), "owner");
  }
  constexpr std::uint64_t key_version = 1;
  const ConsumerId id = write.next_consumer();
  write.sql().insert_consumer.run(id.value, consumer.owner.value, consumer.name, fold_case(consumer.name),
                                  consumer.description, key_version, write.now().ns);
  write.record(consumer_set(id, consumer.owner, key_version));
  AuditDetails details;
  details.add("name", consumer.name).add("owner", consumer.owner.to_string());
  write.audit(actor, "consumer.create", subject("consumer", id), details);
  return model::Consumer{id, consumer.owner, consumer.name, consumer.description, write.now()};
}

Result<model::Consumer> update_consumer(WriteContext& write, const Actor& actor, ConsumerId id,
                                        const ConsumerPatch& patch) {
  auto row = write.sql().consumer.first(id.value);
  if (!row) return no_such_consumer(id);
  const model::Consumer before = to_consumer(*row);
  model::Consumer after = before;
  if (patch.name) after.name = *patch.name;
  if (patch.description) after.description = *patch.description;

  AuditDetails details;
  details.changed("name", before.name, after.name).changed("description", before.description, after.description);
  if (details.empty()) return after;
  write.sql().update_consumer.run(after.name, fold_case(after.name), after.description, id.value);
  write.audit(actor, "consumer.update", subject("consumer", id), details);
  return after;
}

Result<void> delete_consumer(WriteContext& write, const Actor& actor, ConsumerId id) {
  auto row = write.sql().consumer.first(id.value);
  if (!row) return no_such_consumer(id);
  const model::Consumer consumer = to_consumer(*row);
  const auto grants = write.sql().delete_grants_of_consumer.run(id.value);
  write.sql().delete_consumer.run(id.value);
  write.record(consumer_removed(id));
  AuditDetails details;
  details.add("name", consumer.name).add("owner", consumer.owner.to_string()).add("grants", std::int64_t{grants});
  write.audit(actor, "consumer.delete", subject("consumer", id), details);
  return {};
}

Result<std::uint64_t> rotate_consumer_key(WriteContext& write, const Actor& actor, ConsumerId id) {
  const auto* entry = write.state().consumers.find(id);
  if (!entry) return no_such_consumer(id);
  const std::uint64_t key_version = entry->key_version + 1;
  write.sql().update_consumer_key.run(static_cast<Integer>(key_version), id.value);
  write.record(consumer_set(id, entry->owner, key_version));
  AuditDetails details;
  details.changed("key_version", static_cast<std::int64_t>(entry->key_version), static_cast<std::int64_t>(key_version));
  write.audit(actor, "consumer.rotate_key", subject("consumer", id), details);
  return key_version;
}

Result<void> grant(WriteContext& write, const Actor& actor, ConsumerId consumer, SensorId sensor) {
  const auto* entry = write.state().consumers.find(consumer);
  if (!entry) return no_such_consumer(consumer);
  if (!write.state().sensors.contains(sensor)) {
    return make_error(Errc::sensor_not_found, "there is no sensor " + sensor.to_string(), "sensor_id");
  }
  if (entry->grants.contains(sensor)) return {};
  write.sql().insert_grant.run(consumer.value, sensor.value);
  write.record(granted(consumer, sensor));
  AuditDetails details;
  details.add("sensor", sensor.to_string());
  write.audit(actor, "consumer.grant", subject("consumer", consumer), details);
  return {};
}

Result<void> revoke(WriteContext& write, const Actor& actor, ConsumerId consumer, SensorId sensor) {
  const auto* entry = write.state().consumers.find(consumer);
  if (!entry) return no_such_consumer(consumer);
  if (!entry->grants.contains(sensor)) return {};
  write.sql().delete_grant.run(consumer.value, sensor.value);
  write.record(revoked(consumer, sensor));
  AuditDetails details;
  details.add("sensor", sensor.to_string());
  write.audit(actor, "consumer.revoke", subject("consumer", consumer), details);
  return {};
}

}  // namespace iot::registry

// The sensors that a caller of the Elasticsearch fronts may see, over one snapshot of the registry.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "api/caller.h"
#include "api/dashboard_document.h"
#include "query/elasticsearch.h"
#include "registry/snapshot.h"

namespace iot::api {

/// Lists the sensors only when they are asked for, since most requests name theirs. For one request, on one thread.
class Catalog final : public query::IndexCatalog {
 public:
  /// One sensor.
  static Catalog of_sensor(registry::SnapshotPtr snapshot, SensorId sensor);
  /// Those granted to the consumer, which must be in the snapshot.
  static Catalog of_consumer(registry::SnapshotPtr snapshot, ConsumerId consumer);
  /// Those of the user's devices; an admin sees all.
  static Catalog of_user(registry::SnapshotPtr snapshot, Caller caller);
  /// Those of `named` that the user may see; a name with the wrong device names nothing.
  static Catalog of_named(registry::SnapshotPtr snapshot, Caller user, const NamedSensors& named);

  std::optional<query::Index> find(DeviceId device, SensorId sensor) const override;
  void for_each(const std::function<bool(const query::Index&)>& visit) const override;

 private:
  struct One {
    SensorId sensor;
  };
  struct Granted {
    const registry::ConsumerEntry* consumer;
  };
  struct Owned {
    Caller caller;
  };
  struct Named {
    Caller user;
    std::vector<SensorId> sensors;  ///< in order
  };
  using Whose = std::variant<One, Granted, Owned, Named>;

  Catalog(registry::SnapshotPtr snapshot, Whose whose) : snapshot_(std::move(snapshot)), whose_(std::move(whose)) {}

  bool may_see(const Caller& user, const registry::SensorEntry& entry) const;
  bool may_see(SensorId sensor, const registry::SensorEntry& entry) const;
  std::vector<query::Index> gather() const;

  registry::SnapshotPtr snapshot_;
  Whose whose_;
  mutable std::optional<std::vector<query::Index>> gathered_;  ///< in order
};

}  // namespace iot::api

// A store, a clock, a catalog and the query module over them: what its tests ask questions of.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/metrics.h"
#include "query/elasticsearch.h"
#include "query/testing/memory_store.h"

namespace iot::query {

class QueryWorld final : public IndexCatalog {
 public:
  QueryLimits limits;
  MemoryStore store;
  store::ReadingStore* asked_instead = nullptr;  ///< of `store`
  ManualClock clock;
  std::atomic<bool> cancelled{false};
  std::string caller;  ///< who asks

  /// From now on all is asked of one object, so that scrolls go on; limits that are changed later do not count.
  void keep_contexts() { kept_ = std::make_unique<Elasticsearch>(store, clock, metrics_, limits); }

  void add_sensor(std::int64_t device, std::int64_t sensor, model::MappingType mapping);
  void add(std::int64_t sensor, std::int64_t time_ns, const model::Value& value);

  EsAnswer ask(std::string_view method, std::string_view path, std::string_view body = {},
               std::vector<std::pair<std::string, std::string>> parameters = {});
  std::optional<Index> find(DeviceId device, SensorId sensor) const override;
  void for_each(const std::function<bool(const Index&)>& visit) const override;

 private:
  std::map<std::pair<DeviceId, SensorId>, Index> indices_;
  std::map<SensorId, model::MappingType> mappings_;
  Metrics metrics_;
  std::unique_ptr<Elasticsearch> kept_;
};

}  // namespace iot::query

#include "query/testing/query_world.h"

namespace iot::query {

void QueryWorld::add_sensor(std::int64_t device, std::int64_t sensor, model::MappingType mapping) {
  indices_[{DeviceId{device}, SensorId{sensor}}] = {DeviceId{device}, SensorId{sensor}, mapping};
  mappings_[SensorId{sensor}] = mapping;
}

void QueryWorld::add(std::int64_t sensor, std::int64_t time_ns, const model::Value& value) {
  store.add(SensorId{sensor}, mappings_.at(SensorId{sensor}), {time_ns}, value);
}

EsAnswer QueryWorld::ask(std::string_view method, std::string_view path, std::string_view body,
                         std::vector<std::pair<std::string, std::string>> parameters) {
  EsRequest request;
  request.method = method;
  request.path = path;
  request.parameters = std::move(parameters);
  request.body = body;
  request.cancelled = &cancelled;
  request.caller = caller;
  if (kept_) return kept_->handle(*this, request);
  store::ReadingStore& asked = asked_instead ? *asked_instead : store;
  return Elasticsearch(asked, clock, metrics_, limits).handle(*this, request);
}

std::optional<Index> QueryWorld::find(DeviceId device, SensorId sensor) const {
  const auto found = indices_.find({device, sensor});
  return found == indices_.end() ? std::nullopt : std::optional(found->second);
}

void QueryWorld::for_each(const std::function<bool(const Index&)>& visit) const {
  for (const auto& [key, index] : indices_) {
    if (!visit(index)) return;
  }
}

}  // namespace iot::query

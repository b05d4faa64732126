#include "base/metrics.h"

#include <mutex>

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace iot {

struct Metrics::State {
  prometheus::Registry registry;
  struct Observed {
    std::string name;
    std::string help;
    MetricLabels labels;
    std::function<double()> read;
  };
  mutable std::mutex mutex;
  std::vector<Observed> observed;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(const std::string& name, const std::string& help, const MetricLabels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry).Add(labels);
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const MetricLabels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry).Add(labels);
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                              const MetricLabels& labels) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry).Add(labels, bounds);
}

void Metrics::observe(const std::string& name, const std::string& help, const MetricLabels& labels,
                      std::function<double()> read) {
  const std::scoped_lock lock(state_->mutex);
  state_->observed.push_back({name, help, labels, std::move(read)});
}

std::string Metrics::scrape() const {
  auto families = state_->registry.Collect();
  const std::scoped_lock lock(state_->mutex);
  std::map<std::string, prometheus::MetricFamily> observed;
  for (const auto& one : state_->observed) {
    auto& family = observed[one.name];
    family.name = one.name;
    family.help = one.help;
    family.type = prometheus::MetricType::Gauge;
    prometheus::ClientMetric metric;
    for (const auto& [label, value] : one.labels) metric.label.push_back({label, value});
    metric.gauge.value = one.read();
    family.metric.push_back(std::move(metric));
  }
  for (auto& [name, family] : observed) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

const std::vector<double>& latency_bounds_s() {
  static const std::vector<double> bounds{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                          0.025,   0.05,   0.1,     0.25,   0.5,   1,      2.5,   10};
  return bounds;
}

}  // namespace iot

// Metrics in Prometheus' form, by prometheus-cpp. Names are `iotplatform_<area>_<what>_<unit>[_total]`.
//
// Counters, gauges and histograms may be used from any thread; look them up once and keep the reference, which is valid
// as long as the Metrics. On a hot path count a batch, not each reading.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace iot {

using Counter = prometheus::Counter;
using Gauge = prometheus::Gauge;
using Histogram = prometheus::Histogram;
using MetricLabels = std::map<std::string, std::string>;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The same name with the same labels gives the same object. `help` is a sentence without a full stop.
  Counter& counter(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const MetricLabels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds,
                       const MetricLabels& labels = {});

  /// A gauge whose value is asked for at each scrape. `read` is called on the scraping thread until `this` is
  /// destroyed, so what it uses must outlive that; it must be quick and not throw.
  void observe(const std::string& name, const std::string& help, const MetricLabels& labels,
               std::function<double()> read);

  /// The text exposition format 0.0.4.
  std::string scrape() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Bounds in seconds from 50 µs to 10 s, for latencies.
const std::vector<double>& latency_bounds_s();

}  // namespace iot

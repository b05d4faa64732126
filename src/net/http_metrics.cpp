#include "net/http_metrics.h"

namespace iot::net {

HttpMetrics::HttpMetrics(Metrics& metrics, const std::string& listener)
    : metrics_(metrics),
      listener_(listener),
      received_bytes_(metrics.counter("iotplatform_http_received_bytes_total", "Bytes received by HTTP listeners",
                                      {{"listener", listener}})),
      sent_bytes_(metrics.counter("iotplatform_http_sent_bytes_total", "Bytes sent by HTTP listeners",
                                  {{"listener", listener}})),
      connections_(metrics.gauge("iotplatform_http_connections", "Open connections of HTTP listeners",
                                 {{"listener", listener}})) {
  static constexpr std::array classes{"1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 0; i < classes.size(); ++i) {
    answers_by_class_[i] = &metrics.counter("iotplatform_http_requests_total", "HTTP requests by class of the answer",
                                            {{"listener", listener}, {"status", classes[i]}});
  }
  static constexpr std::array reasons{"idle", "request", "write"};
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    timeouts_[i] = &metrics.counter("iotplatform_http_timeouts_total", "Connections closed by a deadline",
                                    {{"listener", listener}, {"waiting_for", reasons[i]}});
  }
}

void HttpMetrics::flush(HttpCounts& counts) {
  const auto add = [](Counter& counter, std::uint64_t count) {
    if (count > 0) counter.Increment(static_cast<double>(count));
  };
  for (std::size_t i = 0; i < answers_by_class_.size(); ++i) add(*answers_by_class_[i], counts.answers_by_class[i]);
  for (std::size_t i = 0; i < timeouts_.size(); ++i) add(*timeouts_[i], counts.timeouts[i]);
  add(received_bytes_, counts.received_bytes);
  add(sent_bytes_, counts.sent_bytes);
  counts = {};
}

void HttpMetrics::refused(unsigned status) {
  metrics_
      .counter("iotplatform_http_requests_refused_total", "HTTP requests refused before they were handled",
               {{"listener", listener_}, {"status", std::to_string(status)}})
      .Increment();
}

}  // namespace iot::net

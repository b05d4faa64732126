#include "net/websocket/websocket_loop.h"

namespace iot::net {

WebSocketMetrics::WebSocketMetrics(Metrics& metrics)
    : metrics_(metrics),
      messages_(metrics.counter("iotplatform_websocket_messages_total", "Messages received over WebSocket")),
      received_bytes_(
          metrics.counter("iotplatform_websocket_received_bytes_total", "Bytes received by WebSocket connections")),
      sent_bytes_(metrics.counter("iotplatform_websocket_sent_bytes_total", "Bytes sent by WebSocket connections")),
      connections_(metrics.gauge("iotplatform_websocket_connections", "Open WebSocket connections")) {
  static constexpr std::array reasons{"silence", "message", "write"};
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    timeouts_[i] = &metrics.counter("iotplatform_websocket_timeouts_total",
                                    "WebSocket connections closed by a deadline", {{"waiting_for", reasons[i]}});
  }
}

void WebSocketMetrics::flush(WebSocketCounts& counts) {
  const auto add = [](Counter& counter, std::uint64_t count) {
    if (count > 0) counter.Increment(static_cast<double>(count));
  };
  add(messages_, counts.messages);
  add(received_bytes_, counts.received_bytes);
  add(sent_bytes_, counts.sent_bytes);
  for (std::size_t i = 0; i < timeouts_.size(); ++i) add(*timeouts_[i], counts.timeouts[i]);
  counts = {};
}

void WebSocketMetrics::closed(unsigned code) {
  metrics_
      .counter("iotplatform_websocket_closed_total", "WebSocket connections that the platform closed, by code",
               {{"code", std::to_string(code)}})
      .Increment();
}

WebSocketLoop::WebSocketLoop(const LoopPlace& place, const WebSocketLimits& its_limits, WebSocketMetrics& its_metrics,
                             std::size_t loops)
    : ConnectionLoop(place, its_limits.buffered_bytes_max / loops), limits(its_limits), metrics(its_metrics) {}

void WebSocketLoop::tick() {
  ConnectionLoop::tick();
  metrics.flush(counts);
  if (thread_index == 0) metrics.connections().Set(static_cast<double>(open()));
}

}  // namespace iot::net

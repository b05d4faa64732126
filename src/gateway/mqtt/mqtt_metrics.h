// What the MQTT gateway counts besides the broker.
#pragma once

#include "base/metrics.h"
#include "broker/broker.h"

namespace iot::gateway {

struct MqttMetrics {
  /// Both must outlive the object, and `broker` the last scrape.
  MqttMetrics(Metrics& metrics, broker::Broker& broker);

  Counter& unauthorized;     ///< CONNECTs without a token that counts
  Counter& bad_messages;     ///< publications refused for what is in them
  Counter& protocol_errors;  ///< connections ended for what the client sent
  Counter& keep_alive_timeouts;
  Counter& connect_timeouts;
  Counter& write_timeouts;
  /// By the limit that was reached: "connections_per_device", "messages_per_s", "bytes_per_s", "readings_per_s",
  /// "buffered_bytes".
  Counter& limited(const char* limit);

 private:
  Metrics& metrics_;
};

}  // namespace iot::gateway

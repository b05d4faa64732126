#include "gateway/mqtt/mqtt_metrics.h"

#include <iterator>
#include <utility>

namespace iot::gateway {

namespace {

/// The broker counts by itself; its numbers are looked at when they are asked for.
void observe(Metrics& metrics, broker::Broker& broker) {
  struct Traffic {
    const char* name;
    const char* help;
    broker::Statistics::Counter broker::Statistics::*counter;
  };
  static constexpr Traffic traffic[] = {
      {"bytes_received", "Bytes of MQTT packets received", &broker::Statistics::bytes_received},
      {"bytes_sent", "Bytes of MQTT packets sent", &broker::Statistics::bytes_sent},
      {"packets_received", "MQTT packets received", &broker::Statistics::packets_received},
      {"packets_sent", "MQTT packets sent", &broker::Statistics::packets_sent},
      {"publications_received", "PUBLISH packets received", &broker::Statistics::publications_received},
      {"publications_sent", "PUBLISH packets sent", &broker::Statistics::publications_sent},
      {"publications_refused", "Publications refused for their topic", &broker::Statistics::publications_refused},
      {"messages_too_large", "Messages larger than their subscriber takes", &broker::Statistics::too_large},
      {"messages_dropped_full", "Messages that found no room in a session's queue", &broker::Statistics::dropped_full},
      {"messages_dropped_expired", "Messages past their time", &broker::Statistics::dropped_expired},
      {"sessions_expired", "Sessions whose time ran out", &broker::Statistics::sessions_expired},
      {"sessions_taken_over", "Connections ended by a newer one of the same client",
       &broker::Statistics::sessions_taken_over},
  };
  for (const Traffic& one : traffic) {
    metrics.observe(std::string("iotplatform_mqtt_") + one.name, one.help, {}, [&broker, counter = one.counter] {
      return static_cast<double>((broker.statistics().*counter).load(std::memory_order_relaxed));
    });
  }
  static constexpr std::pair<const char*, broker::Limit> limits[] = {
      {"mqtt.queue_messages_max or queue_bytes_max", broker::Limit::queue},
      {"mqtt.queued_bytes_per_device_max", broker::Limit::queued_bytes_per_owner},
      {"mqtt.queued_bytes_max", broker::Limit::queued_bytes},
      {"mqtt.sessions_per_device_max", broker::Limit::sessions_per_owner},
      {"mqtt.sessions_max", broker::Limit::sessions},
      {"mqtt.subscriptions_max", broker::Limit::subscriptions_per_session},
      {"mqtt.subscriptions_total_max", broker::Limit::subscriptions},
      {"mqtt.retained_messages_per_device_max", broker::Limit::retained_messages_per_root},
      {"mqtt.retained_messages_max", broker::Limit::retained_messages},
      {"mqtt.retained_bytes_max", broker::Limit::retained_bytes},
  };
  static_assert(std::size(limits) == broker::limit_count);
  for (const auto& [name, limit] : limits) {
    metrics.observe("iotplatform_mqtt_limits_reached", "How often a limit of sessions and messages was in the way",
                    {{"limit", name}}, [&broker, limit = limit] {
                      const auto& counter = broker.statistics().limits_reached[static_cast<std::size_t>(limit)];
                      return static_cast<double>(counter.load(std::memory_order_relaxed));
                    });
  }
  struct State {
    const char* name;
    const char* help;
    std::size_t broker::BrokerCounts::*count;
  };
  static constexpr State states[] = {
      {"sessions", "MQTT sessions, of clients that are away too", &broker::BrokerCounts::sessions},
      {"connected", "MQTT clients that are connected", &broker::BrokerCounts::connected},
      {"subscriptions", "MQTT subscriptions", &broker::BrokerCounts::subscriptions},
      {"retained_messages", "Retained MQTT messages", &broker::BrokerCounts::retained},
      {"retained_bytes", "Memory of retained MQTT messages", &broker::BrokerCounts::retained_bytes},
      {"queued_bytes", "Memory of MQTT messages that wait for their subscribers", &broker::BrokerCounts::queued_bytes},
  };
  for (const State& one : states) {
    metrics.observe(std::string("iotplatform_mqtt_") + one.name, one.help, {},
                    [&broker, count = one.count] { return static_cast<double>(broker.counts().*count); });
  }
}

}  // namespace

MqttMetrics::MqttMetrics(Metrics& metrics, broker::Broker& broker)
    : unauthorized(metrics.counter("iotplatform_mqtt_unauthorized_total", "CONNECTs without a token that counts")),
      bad_messages(metrics.counter("iotplatform_mqtt_bad_messages_total", "Publications refused for what is in them")),
      protocol_errors(
          metrics.counter("iotplatform_mqtt_protocol_errors_total", "Connections ended for what the client sent")),
      keep_alive_timeouts(metrics.counter("iotplatform_mqtt_timeouts_total",
                                          "Connections ended for what the client did not do in time",
                                          {{"waiting_for", "keep_alive"}})),
      connect_timeouts(metrics.counter("iotplatform_mqtt_timeouts_total",
                                       "Connections ended for what the client did not do in time",
                                       {{"waiting_for", "connect"}})),
      write_timeouts(metrics.counter("iotplatform_mqtt_timeouts_total",
                                     "Connections ended for what the client did not do in time",
                                     {{"waiting_for", "write"}})),
      metrics_(metrics) {
  observe(metrics, broker);
}

Counter& MqttMetrics::limited(const char* limit) {
  return metrics_.counter("iotplatform_mqtt_limited_total", "How often a limit was reached", {{"limit", limit}});
}

}  // namespace iot::gateway

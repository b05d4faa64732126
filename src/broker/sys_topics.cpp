#include "broker/sys_topics.h"

#include <cmath>
#include <cstdio>
#include <utility>

namespace iot::broker {

namespace {

std::uint64_t value_of(const Statistics::Counter& counter) noexcept {
  return counter.load(std::memory_order_relaxed);
}

}  // namespace

void SysTopics::publish(Broker& broker, Timestamp now) {
  const Statistics& statistics = broker.statistics();
  const BrokerCounts counts = broker.counts();
  const auto number = [&](const char* name, std::uint64_t value) {
    set(broker, std::string("$SYS/broker/") + name, std::to_string(value), now);
  };
  set(broker, "$SYS/broker/version", "iotplatform " + version_, now);
  set(broker, "$SYS/broker/uptime", std::to_string((now.ns - started_.ns) / 1'000'000'000) + " seconds", now);
  number("clients/total", counts.sessions);
  number("clients/connected", counts.connected);
  number("clients/disconnected", counts.sessions - counts.connected);
  number("clients/maximum", counts.connected_most);
  number("clients/expired", value_of(statistics.sessions_expired));
  number("subscriptions/count", counts.subscriptions);
  number("retained messages/count", counts.retained);
  number("store/messages/bytes", counts.queued_bytes + counts.retained_bytes);
  number("messages/received", value_of(statistics.packets_received));
  number("messages/sent", value_of(statistics.packets_sent));
  number("publish/messages/received", value_of(statistics.publications_received));
  number("publish/messages/sent", value_of(statistics.publications_sent));
  number("publish/messages/dropped",
         value_of(statistics.dropped_full) + value_of(statistics.dropped_expired) + value_of(statistics.too_large));
  number("bytes/received", value_of(statistics.bytes_received));
  number("bytes/sent", value_of(statistics.bytes_sent));

  const double passed_s = last_.ns == 0 ? 0 : static_cast<double>(now.ns - last_.ns) / 1e9;
  set_load(broker, messages_received_, value_of(statistics.packets_received), passed_s, now);
  set_load(broker, messages_sent_, value_of(statistics.packets_sent), passed_s, now);
  set_load(broker, publish_received_, value_of(statistics.publications_received), passed_s, now);
  set_load(broker, publish_sent_, value_of(statistics.publications_sent), passed_s, now);
  set_load(broker, bytes_received_, value_of(statistics.bytes_received), passed_s, now);
  set_load(broker, bytes_sent_, value_of(statistics.bytes_sent), passed_s, now);
  last_ = now;
}

void SysTopics::set_load(Broker& broker, Load& load, std::uint64_t total, double passed_s, Timestamp now) {
  static constexpr int minutes[] = {1, 5, 15};
  const double per_minute = passed_s > 0 ? static_cast<double>(total - load.last) * 60 / passed_s : 0;
  load.last = total;
  for (std::size_t i = 0; i < load.per_minute.size(); ++i) {
    // An exponential average, as of a machine's load.
    const double weight = std::exp(-passed_s / (60.0 * minutes[i]));
    load.per_minute[i] = per_minute * (1 - weight) + load.per_minute[i] * weight;
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", load.per_minute[i]);
    set(broker, std::string("$SYS/broker/load/") + load.name + "/" + std::to_string(minutes[i]) + "min", text, now);
  }
}

void SysTopics::set(Broker& broker, const std::string& topic, std::string value, Timestamp now) {
  std::string& before = published_[topic];
  if (before == value) return;
  before = std::move(value);
  MessageParts parts;
  parts.topic = topic;
  parts.payload = before;
  parts.retain = true;
  parts.arrived = now;
  broker.publish(parts, {}, now);
}

}  // namespace iot::broker

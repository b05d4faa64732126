#include "bench/clients.h"

#include <unistd.h>

#include "bench/http_dialogue.h"
#include "bench/mqtt_dialogue.h"
#include "bench/websocket_dialogue.h"

namespace iot::bench {
namespace {

/// Client ids that no other run on this machine has.
std::string client_id(std::size_t n) {
  return "bench-" + std::to_string(::getpid()) + "-" + std::to_string(n);
}

mqtt::Version version_of(const Options& options) {
  return options.mqtt_version == "3.1"   ? mqtt::Version::v3_1
         : options.mqtt_version == "5.0" ? mqtt::Version::v5
                                         : mqtt::Version::v3_1_1;
}

const Device& device_of(const ClientPlan& plan, std::size_t n) {
  static const Device nobody{"", "1", ""};
  return plan.devices.empty() ? nobody : plan.devices[n % plan.devices.size()];
}

MqttClientOptions mqtt_options(const ClientPlan& plan, std::size_t n) {
  const Device& device = device_of(plan, n);
  MqttClientOptions client;
  client.version = version_of(plan.options);
  client.qos = static_cast<mqtt::Qos>(plan.options.qos);
  client.client_id = client_id(n);
  client.token = device.token;
  client.topic = !plan.options.topic.empty() ? plan.options.topic
                 : plan.devices.empty()      ? "bench/" + std::to_string(n)
                                             : device.id;
  client.window = plan.options.window;
  return client;
}

ReadingPayload payload_of(const ClientPlan& plan, std::size_t n) {
  return ReadingPayload(device_of(plan, n).sensor, plan.options.readings_per_message,
                        {plan.begin_ns, n, plan.options.connection_count()});
}

std::unique_ptr<Dialogue> make_sender(const ClientPlan& plan, std::size_t n) {
  const auto& options = plan.options;
  const Device& device = device_of(plan, n);
  switch (options.protocol_kind()) {
    case Protocol::http:
      return std::make_unique<HttpDialogue>(HttpClientOptions{plan.target.text, device.token, options.window},
                                            payload_of(plan, n));
    case Protocol::websocket:
      return std::make_unique<WebSocketDialogue>(
          WebSocketClientOptions{plan.target.text, options.path, device.token, options.wants_answers, options.window},
          payload_of(plan, n));
    case Protocol::mqtt:
      break;
  }
  return std::make_unique<MqttPublisher>(mqtt_options(plan, n), payload_of(plan, n));
}

}  // namespace

std::vector<Crowd::Member> make_senders(const ClientPlan& plan) {
  std::vector<Crowd::Member> members;
  const auto count = plan.options.connection_count();
  for (std::size_t n = 0; n < count; ++n) {
    members.push_back({make_sender(plan, n), spread_over_sources(plan.target, n, count)});
  }
  return members;
}

std::vector<Crowd::Member> make_fan_out(const ClientPlan& plan) {
  std::vector<Crowd::Member> members;
  const auto count = plan.options.connection_count();
  auto publisher = mqtt_options(plan, 0);
  auto subscriber = publisher;
  // A device reads what it publishes itself only below its own topic; readings are for those who may read the sensor.
  if (plan.options.live) {
    const Device& device = device_of(plan, 0);
    publisher.topic = device.id;
    subscriber.topic = "readings/" + device.id + "/" + device.sensor;
    subscriber.token = plan.reader_token;
  } else if (plan.options.topic.empty() && !plan.devices.empty()) {
    publisher.topic = subscriber.topic = device_of(plan, 0).id + "/bench";
  }
  members.push_back({std::make_unique<MqttPublisher>(publisher, payload_of(plan, 0), true), plan.target});
  for (std::size_t n = 1; n < count; ++n) {
    subscriber.client_id = client_id(n);
    members.push_back({std::make_unique<MqttSubscriber>(subscriber), spread_over_sources(plan.target, n, count)});
  }
  return members;
}

}  // namespace iot::bench

// Commands of a device's MQTT connection (gateway/commands.h): they come as publications on "<device>/commands/<id>" at
// QoS 1, and are answered on "<device>/commands/<id>/response".
#include <boost/asio/post.hpp>

#include "broker/message.h"
#include "gateway/command_messages.h"
#include "gateway/commands.h"
#include "gateway/mqtt/mqtt_connection.h"
#include "mqtt/topic.h"

namespace iot::gateway {

namespace {

/// A topic that any filter that takes commands takes: "<device>/#", "<device>/commands/+", ...
std::string example_topic(std::int64_t device) {
  return command_topic(DeviceId{device}, registry::CommandId{1});
}

}  // namespace

bool MqttConnection::hears_commands() const noexcept {
  return loop_.gateway.commands && owner_.kind == broker::Owner::Kind::device && is_entered();
}

void MqttConnection::listen_for_commands() {
  if (listener_ != 0) return;
  listener_ = loop_.gateway.commands->listen(DeviceId{owner_.id},
                                             [&broker = loop_.gateway.broker, &clock = loop_.gateway.clock,
                                              session = protocol_.session()](const registry::DeviceCommand& command) {
                                               std::string payload;
                                               append_command_json(payload, command);
                                               const std::string topic = command_topic(command.device, command.id);
                                               broker::MessageParts parts;
                                               parts.topic = topic;
                                               parts.payload = payload;
                                               parts.qos = mqtt::Qos::at_least_once;
                                               parts.arrived = clock.now();
                                               parts.expires = command.expires;
                                               return broker.send_to(session, parts);
                                             });
}

void MqttConnection::stop_commands() noexcept {
  if (listener_ != 0) loop_.gateway.commands->stop_listening(DeviceId{owner_.id}, std::exchange(listener_, 0));
}

void MqttConnection::opened(bool session_present) {
  // A session that goes on does not subscribe again.
  if (!session_present || !hears_commands()) return;
  if (loop_.gateway.broker.is_subscribed(protocol_.session(), example_topic(owner_.id))) listen_for_commands();
}

void MqttConnection::subscribed(std::string_view filter) {
  if (!hears_commands()) return;
  if (mqtt::topic_matches(filter, example_topic(owner_.id))) listen_for_commands();
}

void MqttConnection::unsubscribed(std::string_view) {
  if (listener_ == 0) return;
  if (!loop_.gateway.broker.is_subscribed(protocol_.session(), example_topic(owner_.id))) stop_commands();
}

broker::BatchNumber MqttConnection::published(std::string_view topic, std::string_view payload, mqtt::Qos qos) {
  if (!hears_commands()) return 0;
  const DeviceId device{owner_.id};
  const auto about = parse_command_topic(topic, device);
  if (!about || !about->is_response) return 0;
  // Readings that came before have the number that is next.
  submit();
  const broker::BatchNumber batch = begin_batch();
  ++answers_waiting_;
  auto done = [this, batch, context = &loop_.context](Result<registry::DeviceCommand> outcome) {
    boost::asio::post(*context, [this, batch, outcome = std::move(outcome)] { answer_stored(batch, outcome); });
  };
  if (qos == mqtt::Qos::at_least_once) {
    loop_.gateway.commands->answer(device, about->command, payload, std::move(done));
    return batch;
  }
  // Nobody would hear that it is to be sent again.
  loop_.gateway.commands->note_answer(device, about->command, payload, std::move(done));
  return 0;
}

void MqttConnection::answer_stored(broker::BatchNumber batch, const Result<registry::DeviceCommand>& outcome) {
  --answers_waiting_;
  if (outcome) return completed(batch, {});
  const Failure failure = failure_of(outcome.error());
  if (failure == Failure::unavailable || failure == Failure::shutting_down) return completed(batch, outcome.error());
  // One that cannot be answered (any more) will not be, however often it is tried.
  if (is_entered()) {
    const std::string text = "a response to a command was not taken: " + outcome.error().message;
    loop_.gateway.open_connections.note_error(*this, text, loop_.time());
  }
  completed(batch, {});
}

void MqttConnection::delivered(const broker::Message& message, mqtt::ReasonCode reason) {
  if (!hears_commands() || message.publisher != broker::SessionId{}) return;
  const auto about = parse_command_topic(message.topic(), DeviceId{owner_.id});
  if (!about || about->is_response) return;
  if (mqtt::is_failure(reason)) {
    loop_.gateway.commands->refused(DeviceId{owner_.id}, about->command);
  } else {
    loop_.gateway.commands->delivered(DeviceId{owner_.id}, about->command);
  }
}

}  // namespace iot::gateway

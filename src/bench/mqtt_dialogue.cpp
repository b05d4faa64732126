#include "bench/mqtt_dialogue.h"

#include <cstdio>

#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/forward.h"

namespace iot::bench {
namespace {

using mqtt::PacketType;

std::string named(std::string_view what, unsigned code) {
  char text[16];
  std::snprintf(text, sizeof text, " 0x%02X", code);
  return std::string(what) + text;
}

std::string with_reason(std::string_view what, mqtt::ReasonCode reason) {
  return named(what, static_cast<unsigned>(reason)) + " (" + std::string(to_string(reason)) + ")";
}

}  // namespace

bool MqttDialogue::open(std::string& out) {
  mqtt::Connect connect;
  connect.version = options_.version;
  connect.keep_alive_s = options_.keep_alive_s;
  connect.client_id = options_.client_id;
  if (!options_.token.empty()) {
    connect.user_name = "JWT";
    connect.password = options_.token;
  }
  mqtt::encode(out, connect);
  return false;
}

void MqttDialogue::append_barrier(std::string& out) {
  mqtt::encode(out, mqtt::Pingreq{});
}

std::size_t MqttDialogue::take(std::string_view received, std::string& out, DialogueEvents& events) {
  const mqtt::FrameRules rules{options_.version, mqtt::Sender::server, mqtt::packet_bytes_max};
  std::size_t taken = 0;
  while (true) {
    const auto step = mqtt::read_frame(received.substr(taken), rules);
    if (!step) {
      events.failed("no MQTT: " + step.error().message);
      return taken;
    }
    if (!step->frame) return taken;
    taken += step->frame->bytes;
    if (!take_frame(*step->frame, out, events)) return taken;
  }
}

bool MqttDialogue::take_frame(const mqtt::Frame& frame, std::string& out, DialogueEvents& events) {
  if (frame.type == PacketType::connack) return take_connack(frame, out, events);
  if (frame.type == PacketType::pingresp) {
    events.passed_barrier();
    return true;
  }
  if (frame.type == PacketType::disconnect) {
    const auto packet = mqtt::decode_disconnect(frame, options_.version);
    events.failed(packet ? with_reason("DISCONNECT", packet->reason) : "DISCONNECT");
    return false;
  }
  if (take_packet(frame, out, events)) return true;
  events.failed("unexpected " + std::string(to_string(frame.type)));
  return false;
}

bool MqttDialogue::take_connack(const mqtt::Frame& frame, std::string& out, DialogueEvents& events) {
  const auto packet = mqtt::decode_connack(frame, options_.version);
  if (!packet || is_failure(packet->reason)) {
    events.failed(packet ? with_reason("CONNACK", packet->reason) : "CONNACK");
    return false;
  }
  admitted(*packet, out, events);
  return true;
}

MqttPublisher::MqttPublisher(MqttClientOptions options, ReadingPayload payload, bool stamped)
    : MqttDialogue(std::move(options)),
      payload_(std::move(payload)),
      stamped_(stamped),
      in_flight_(this->options().window) {
  mqtt::OutgoingPublish publish;
  publish.topic = this->options().topic;
  publish.payload = payload_.text();
  publish.qos = this->options().qos;
  publish.packet_id = 1;
  mqtt::encode_head(head_, this->options().version, publish);
}

bool MqttPublisher::open(std::string& out) {
  in_flight_ = InFlight(options().window);
  return MqttDialogue::open(out);
}

void MqttPublisher::admitted(const mqtt::Connack& connack, std::string&, DialogueEvents& events) {
  const auto maximum = connack.properties.number(mqtt::PropertyId::receive_maximum).value_or(UINT16_MAX);
  if (maximum < options().window) in_flight_ = InFlight(maximum);
  events.opened();
}

void MqttPublisher::append_message(std::string& out, std::int64_t due_ns) {
  if (has_answers()) mqtt::patch_packet_id(head_, in_flight_.begin(due_ns), false);
  if (stamped_) {
    payload_.next_at(due_ns);
  } else {
    payload_.next();
  }
  out += head_;
  out += payload_.text();
}

bool MqttPublisher::take_packet(const mqtt::Frame& frame, std::string& out, DialogueEvents& events) {
  if (frame.type != PacketType::puback && frame.type != PacketType::pubrec && frame.type != PacketType::pubcomp) {
    return false;
  }
  const auto packet = mqtt::decode_acknowledgement(frame, options().version);
  if (!packet) return false;
  const bool refused = is_failure(packet->reason);
  if (frame.type == PacketType::pubrec && !refused) {
    mqtt::encode_success(out, PacketType::pubrel, packet->packet_id);
    return true;
  }
  const auto due = in_flight_.end(packet->packet_id);
  if (!due) return false;
  events.answered(*due, refused ? with_reason(to_string(frame.type), packet->reason) : std::string());
  return true;
}

void MqttSubscriber::admitted(const mqtt::Connack&, std::string& out, DialogueEvents&) {
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  std::string filters;
  mqtt::append_filter(filters, options().topic, {.qos = options().qos});
  subscribe.filters = mqtt::FilterList(filters, true);
  mqtt::encode(out, options().version, subscribe);
}

bool MqttSubscriber::take_packet(const mqtt::Frame& frame, std::string& out, DialogueEvents& events) {
  if (frame.type == PacketType::suback) {
    const auto packet = mqtt::decode_suback(frame, options().version);
    if (!packet || packet->codes.size() != 1) return false;
    const auto code = static_cast<unsigned char>(packet->codes[0]);
    if (code >= 0x80) {
      events.failed(named("SUBACK", code));
    } else {
      events.opened();
    }
    return true;
  }
  if (frame.type == PacketType::pubrel) {
    const auto packet = mqtt::decode_acknowledgement(frame, options().version);
    if (packet) mqtt::encode_success(out, PacketType::pubcomp, packet->packet_id);
    return packet.has_value();
  }
  if (frame.type != PacketType::publish) return false;
  const auto packet = mqtt::decode_publish(frame, options().version, mqtt::Sender::server);
  if (!packet) return false;
  if (packet->qos == mqtt::Qos::at_least_once) mqtt::encode_success(out, PacketType::puback, packet->packet_id);
  if (packet->qos == mqtt::Qos::exactly_once) mqtt::encode_success(out, PacketType::pubrec, packet->packet_id);
  events.delivered(packet->payload);
  return true;
}

}  // namespace iot::bench

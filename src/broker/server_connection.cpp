#include "broker/server_connection.h"

#include <algorithm>
#include <utility>

#include <boost/assert.hpp>

#include "broker/connection_extras.h"
#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/errc.h"
#include "mqtt/forward.h"

namespace iot::broker {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ReasonCode;
using mqtt::Version;

ServerConnection::ServerConnection(Broker& broker, Application& application, Outlet& outlet,
                                   const ConnectionLimits& limits, TrafficCounts& counts)
    : broker_(broker), application_(application), outlet_(outlet), limits_(limits), counts_(counts) {}

ServerConnection::~ServerConnection() {
  BOOST_ASSERT(stage_ != Stage::connected);
}

ServerConnection::Extras& ServerConnection::extras() {
  if (!extras_) extras_ = std::make_unique<Extras>();
  return *extras_;
}

std::size_t ServerConnection::receive(std::string_view received, std::string& out, Timestamp now, Clock::Steady steady,
                                      std::size_t packets_max) {
  Context context{out, now, steady};
  std::size_t taken = 0;
  bytes_needed_ = 0;
  std::size_t packets = 0;
  for (; packets < packets_max && stage_ != Stage::closing && takes_input(); ++packets) {
    mqtt::FrameRules rules{{}, mqtt::Sender::client, limits_.packet_bytes_max};
    if (stage_ == Stage::connected) rules.version = version_;
    const auto step = mqtt::read_frame(received.substr(taken), rules);
    if (!step) {
      fail(step.error(), context);
      break;
    }
    if (!step->frame) {
      bytes_needed_ = step->bytes_needed;
      break;
    }
    ++counts_.packets_received;
    handle(*step->frame, context);
    taken += step->frame->bytes;
  }
  counts_.bytes_received += taken;
  if (packets > 0) restart_keep_alive(steady);
  return taken;
}

void ServerConnection::restart_keep_alive(Clock::Steady steady) noexcept {
  if (keep_alive_s_ == 0) return;
  // One and a half times the keep-alive (3.1.1 section 3.1.2.10).
  deadline_ = steady + std::chrono::milliseconds(1'500) * static_cast<std::int64_t>(keep_alive_s_);
}

bool ServerConnection::takes_input() const noexcept {
  // A client of 5.0 that has more unanswered is in the wrong, and is to be heard so that it can be told.
  return acks_.size() <= limits_.receive_max + std::size_t{64} && application_.takes_more();
}

void ServerConnection::handle(const mqtt::Frame& frame, Context& context) {
  if (stage_ == Stage::opening) return handle_connect(frame, context);
  switch (frame.type) {
    case PacketType::publish:
      return handle_publish(frame, context);
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
      return handle_acknowledgement(frame, context);
    case PacketType::subscribe:
      return handle_subscribe(frame, context);
    case PacketType::unsubscribe:
      return handle_unsubscribe(frame, context);
    case PacketType::disconnect:
      return handle_disconnect(frame, context);
    case PacketType::pingreq: {
      if (auto checked = mqtt::decode_ping(frame); !checked) return fail(checked.error(), context);
      mqtt::encode(context.out, mqtt::Pingresp{});
      ++counts_.packets_sent;
      return;
    }
    case PacketType::connect:
      // A second one: closed without a word, in every version.
      error_ = "a second CONNECT";
      return close(Ending::lost, {}, context.now);
    case PacketType::auth: {
      const auto packet = mqtt::decode_auth(frame);
      return fail(
          packet ? make_error(mqtt::Errc::protocol_error, "AUTH without an authentication method") : packet.error(),
          context);
    }
    default:
      return fail(make_error(mqtt::Errc::protocol_error, "a packet that only servers send"), context);
  }
}

void ServerConnection::fail(const Error& error, Context& context) {
  if (stage_ == Stage::opening) {
    // Whoever cannot say CONNECT is not to be answered, but for one that says it in a version that is not ours.
    if (is(error, mqtt::Errc::unsupported_version)) {
      mqtt::encode(context.out, Version::v3_1_1, mqtt::Connack{false, ReasonCode::unsupported_protocol_version, {}});
    }
    error_ = error.message;
    stage_ = Stage::closing;
    return;
  }
  if (mqtt::closes_silently(error)) {
    error_ = error.message;
    return close(Ending::lost, {}, context.now);
  }
  end(mqtt::reason_code(error), error.message, context.out, context.now);
}

void ServerConnection::end(ReasonCode reason, std::string_view reason_string, std::string& out, Timestamp now) {
  if (stage_ == Stage::closing) return;
  const bool can_be_told = stage_ == Stage::connected && version_ == Version::v5;
  if (can_be_told) {
    mqtt::encode(out, version_, mqtt::Disconnect{reason, {}});
    ++counts_.packets_sent;
  }
  error_ = reason_string.empty() ? mqtt::to_string(reason) : reason_string;
  close(Ending::lost, {}, now);
}

void ServerConnection::lost(Timestamp now) {
  if (stage_ == Stage::closing) return;
  error_ = "the client closed the connection without DISCONNECT";
  close(Ending::lost, {}, now);
}

void ServerConnection::time_out(std::string& out, Timestamp now) {
  end(ReasonCode::keep_alive_timeout, "the client was silent for longer than its keep-alive", out, now);
}

void ServerConnection::close(Ending ending, std::optional<std::uint32_t> expiry_s, Timestamp now) {
  const bool was_connected = std::exchange(stage_, Stage::closing) == Stage::connected;
  if (was_connected) broker_.detach(session_, outlet_, ending, expiry_s, now);
}

void ServerConnection::owe(PacketType type, std::uint16_t packet_id, ReasonCode reason, std::uint64_t commit,
                           BatchNumber batch, std::string text) {
  AckQueue::Entry entry;
  entry.type = type;
  entry.packet_id = packet_id;
  entry.reason = reason;
  entry.commit = commit;
  entry.batch = batch;
  if (!text.empty()) entry.text = std::make_unique<std::string>(std::move(text));
  acks_.push(std::move(entry));
}

void ServerConnection::complete(BatchNumber batch, ReasonCode reason, std::string_view reason_string, std::string& out,
                                Timestamp now) {
  if (stage_ != Stage::connected) return;
  bool must_close = false;
  acks_.complete(batch, reason, [&](AckQueue::Entry& entry) {
    if (reason == ReasonCode::success) {
      if (entry.type == PacketType::pubcomp) {
        entry.commit = broker_.forget_inbound(session_, entry.packet_id);
        --inbound_;
      }
      return;
    }
    if (version_ != Version::v5 && reason == ReasonCode::packet_too_large) {
      // As any payload that will never be good (Application::Taken).
      entry.reason = ReasonCode::success;
      return;
    }
    // Only PUBACK and PUBREC of 5.0 can say no; any other client must send again, and does when it comes back.
    if (version_ != Version::v5 || entry.type == PacketType::pubcomp) must_close = true;
    if (!reason_string.empty()) entry.text = std::make_unique<std::string>(reason_string);
  });
  if (must_close) end(ReasonCode::server_busy, reason_string, out, now);
}

void ServerConnection::send_due(std::string& out) {
  const std::uint64_t durable = broker_.durable();
  while (const AckQueue::Entry* entry = acks_.due(durable)) {
    if (entry->type == PacketType::suback || entry->type == PacketType::unsuback) {
      out += *entry->text;
    } else if (version_ != Version::v5 || entry->reason == ReasonCode::success) {
      mqtt::encode_success(out, entry->type, entry->packet_id);
    } else {
      mqtt::Acknowledgement packet{entry->type, entry->packet_id, entry->reason, {}};
      std::string properties;
      if (entry->text && tells_problems_) {
        mqtt::PropertyWriter(properties).text(PropertyId::reason_string, *entry->text);
        // A reason string must not make the packet larger than the client takes.
        const bool fits = packet_bytes_max_of_client_ == 0 || properties.size() + 16 <= packet_bytes_max_of_client_;
        if (fits) packet.properties = mqtt::Properties::trusted(properties);
      }
      mqtt::encode(out, version_, packet);
    }
    ++counts_.packets_sent;
    acks_.pop();
  }
}

bool ServerConnection::flush(std::string& out, std::size_t bytes_max, bool woken, Timestamp now) {
  if (stage_ != Stage::connected) return false;
  send_due(out);
  has_more_ |= woken;
  // Clients expect the answer to SUBSCRIBE before the messages that it brings.
  if (has_more_ && acks_.packets() == 0) has_more_ = send_messages(out, bytes_max, now);
  return has_more_;
}

bool ServerConnection::send_messages(std::string& out, std::size_t bytes_max, Timestamp now) {
  constexpr std::size_t count_max = 64;
  std::vector<Collected> collected;
  while (out.size() < bytes_max) {
    collected.clear();
    broker_.collect(session_, count_max, bytes_max - out.size(), collected, now);
    for (const Collected& one : collected) send(one, out, now);
    if (collected.empty()) return false;
  }
  return true;
}

void ServerConnection::send(const Collected& collected, std::string& out, Timestamp now) {
  if (collected.kind == Outbox::Next::Kind::release) {
    mqtt::encode_success(out, PacketType::pubrel, collected.packet_id);
    ++counts_.packets_sent;
    return;
  }
  const Message& message = *collected.message;
  mqtt::OutgoingPublish packet;
  packet.topic = message.topic();
  packet.payload = message.payload();
  packet.qos = collected.qos;
  packet.duplicate = collected.duplicate;
  packet.retain = collected.retain;
  packet.packet_id = collected.packet_id;
  if (version_ == Version::v5) {
    packet.forwarded = mqtt::Properties::trusted(message.properties());
    packet.message_expiry_s = message.expiry_s(now);
    packet.subscription_ids = {collected.subscription_ids.data(), collected.subscription_ids.size()};
    if (alias_max_of_client_ > 0) {
      auto& aliases = extras().aliases_by_topic;
      if (const auto known = aliases.find(std::string(packet.topic)); known != aliases.end()) {
        packet.topic_alias = known->second;
        packet.topic = {};
      } else if (aliases.size() < alias_max_of_client_) {
        packet.topic_alias = static_cast<std::uint16_t>(aliases.size() + 1);
      }
    }
  }
  const std::size_t bytes_max = packet_bytes_max_of_client_ == 0 ? mqtt::packet_bytes_max : packet_bytes_max_of_client_;
  if (mqtt::encoded_bytes(version_, packet) > bytes_max) {
    // As if it had been delivered (5.0 section 3.1.2.11.4).
    ++counts_.too_large;
    const PacketType type = collected.qos == mqtt::Qos::at_least_once ? PacketType::puback : PacketType::pubrec;
    application_.delivered(message, ReasonCode::packet_too_large);
    if (collected.packet_id != 0) broker_.acknowledge(session_, type, collected.packet_id, true);
    return;
  }
  // Only now: the client knows an alias by a packet that it got.
  if (packet.topic_alias != 0 && !packet.topic.empty()) {
    extras().aliases_by_topic.emplace(packet.topic, packet.topic_alias);
  }
  mqtt::encode(out, version_, packet);
  ++counts_.packets_sent;
  ++counts_.publications_sent;
}

}  // namespace iot::broker

// What a connected client sends: publications, acknowledgements, subscriptions, DISCONNECT.
#include <algorithm>
#include <utility>

#include "broker/connection_extras.h"
#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/errc.h"
#include "mqtt/forward.h"
#include "mqtt/utf8.h"

namespace iot::broker {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::Qos;
using mqtt::ReasonCode;
using mqtt::Version;

void ServerConnection::handle_publish(const mqtt::Frame& frame, Context& context) {
  auto packet = mqtt::decode_publish(frame, version_, mqtt::Sender::client);
  if (!packet) return fail(packet.error(), context);
  ++counts_.publications_received;
  // Older clients know no receive maximum; with QoS 1 they are just read no further (takes_input()).
  const bool counts =
      packet->qos == Qos::exactly_once || (packet->qos == Qos::at_least_once && version_ == Version::v5);
  if (counts && acks_.pubacks() + inbound_ >= limits_.receive_max &&
      !(packet->qos == Qos::exactly_once && broker_.has_inbound(session_, packet->packet_id))) {
    return end(ReasonCode::receive_maximum_exceeded, "more publications unanswered than the receive maximum",
               context.out, context.now);
  }
  if (version_ == Version::v5) {
    if (!resolve_alias(*packet, context)) return;
    const bool says_text =
        !packet->properties.empty() && packet->properties.number(PropertyId::payload_format_indicator).value_or(0) == 1;
    if (says_text && !mqtt::is_utf8(packet->payload)) {
      if (packet->qos == Qos::at_most_once) {
        return end(ReasonCode::payload_format_invalid, "a payload that is said to be text is no UTF-8", context.out,
                   context.now);
      }
      return refuse_publication(*packet, ReasonCode::payload_format_invalid, "the payload is no UTF-8", context);
    }
  }
  const Application::Way way = application_.way_of(packet->topic);
  if (way == Application::Way::refuse) {
    ++counts_.publications_refused;
    return refuse_publication(*packet, ReasonCode::not_authorized, "", context);
  }
  if (packet->qos == Qos::exactly_once) return keep_publication(*packet, way, context);
  if (way == Application::Way::take) return take_publication(*packet, context);
  publish_message(*packet, context);
}

bool ServerConnection::resolve_alias(mqtt::Publish& packet, Context& context) {
  if (packet.topic_alias == 0) return true;
  if (packet.topic_alias > limits_.topic_alias_max) {
    end(ReasonCode::topic_alias_invalid, "a topic alias above the maximum", context.out, context.now);
    return false;
  }
  auto& topics = extras().topics_by_alias;
  topics.resize(std::max<std::size_t>(topics.size(), packet.topic_alias));
  std::string& known = topics[packet.topic_alias - 1u];
  if (!packet.topic.empty()) {
    known = packet.topic;
  } else if (known.empty()) {
    end(ReasonCode::topic_alias_invalid, "a topic alias that stands for nothing yet", context.out, context.now);
    return false;
  }
  packet.topic = known;
  return true;
}

MessageParts ServerConnection::parts_of(const mqtt::Publish& packet, Timestamp now) {
  MessageParts parts;
  parts.topic = packet.topic;
  parts.payload = packet.payload;
  parts.qos = packet.qos;
  parts.retain = packet.retain;
  parts.publisher = session_.id;
  parts.arrived = now;
  if (!packet.properties.empty()) {
    parts.properties = mqtt::forwarded_properties(packet, extras().properties).raw();
    if (packet.message_expiry_s) {
      parts.expires = Timestamp{now.ns + std::int64_t{*packet.message_expiry_s} * 1'000'000'000};
    }
  }
  return parts;
}

void ServerConnection::publish_message(const mqtt::Publish& packet, Context& context) {
  const bool is_acknowledged = packet.qos == Qos::at_least_once;
  const Published published = broker_.publish(parts_of(packet, context.now),
                                              is_acknowledged ? std::optional(session_) : std::nullopt, context.now);
  const BatchNumber batch = application_.published(packet.topic, packet.payload, packet.qos);
  if (!is_acknowledged) return;
  ReasonCode reason = published.had_subscribers ? ReasonCode::success : ReasonCode::no_matching_subscribers;
  if (published.retained_refused) reason = ReasonCode::quota_exceeded;
  owe(PacketType::puback, packet.packet_id, reason, published.commit, batch);
}

void ServerConnection::take_publication(const mqtt::Publish& packet, Context& context) {
  Application::Taken taken = application_.take(packet.payload);
  if (taken.reason != ReasonCode::success) {
    if (version_ != Version::v5 && taken.should_retry) {
      return end(taken.reason, taken.reason_string, context.out, context.now);
    }
    if (packet.qos == Qos::at_most_once) return;
    return owe(PacketType::puback, packet.packet_id, taken.reason, 0, 0, std::move(taken.reason_string));
  }
  if (packet.qos == Qos::at_least_once) {
    owe(PacketType::puback, packet.packet_id, ReasonCode::success, 0, taken.batch);
  }
}

void ServerConnection::keep_publication(const mqtt::Publish& packet, Application::Way way, Context& context) {
  std::variant<std::string, MessagePtr> content;
  if (way == Application::Way::take) {
    // Looked at again when it is a duplicate: what was kept the first time counts.
    std::string kept;
    Application::Taken taken = application_.prepare(packet.payload, kept);
    if (taken.reason != ReasonCode::success) {
      if (version_ == Version::v5) {
        return owe(PacketType::pubrec, packet.packet_id, taken.reason, 0, 0, std::move(taken.reason_string));
      }
      if (taken.should_retry) return end(taken.reason, taken.reason_string, context.out, context.now);
      // Acknowledged and not stored: an older client cannot be told. PUBREL will find nothing, which is in order.
      return owe(PacketType::pubrec, packet.packet_id, ReasonCode::success);
    }
    content = std::move(kept);
  } else {
    content = std::make_shared<Message>(parts_of(packet, context.now));
  }
  std::uint64_t commit = 0;
  switch (broker_.keep_inbound(session_, packet.packet_id, std::move(content), commit)) {
    case Broker::Kept::as_new:
      ++inbound_;
      break;
    case Broker::Kept::as_before:
      break;
    case Broker::Kept::lost:
      return;
    case Broker::Kept::not_kept:
      if (version_ != Version::v5) return end(ReasonCode::quota_exceeded, "", context.out, context.now);
      return owe(PacketType::pubrec, packet.packet_id, ReasonCode::quota_exceeded);
  }
  owe(PacketType::pubrec, packet.packet_id, ReasonCode::success, commit);
}

void ServerConnection::refuse_publication(const mqtt::Publish& packet, ReasonCode reason, std::string reason_string,
                                          Context& context) {
  if (version_ != Version::v5) {
    return end(reason, "a publication on a topic that is not the client's", context.out, context.now);
  }
  if (packet.qos == Qos::at_most_once) return;
  const PacketType type = packet.qos == Qos::at_least_once ? PacketType::puback : PacketType::pubrec;
  owe(type, packet.packet_id, reason, 0, 0, std::move(reason_string));
}

void ServerConnection::handle_acknowledgement(const mqtt::Frame& frame, Context& context) {
  const auto packet = mqtt::decode_acknowledgement(frame, version_);
  if (!packet) return fail(packet.error(), context);
  if (packet->type == PacketType::pubrel) return handle_pubrel(packet->packet_id, context);
  using Result = Outbox::Acknowledged::Result;
  const bool failed = mqtt::is_failure(packet->reason);
  const auto acknowledged = broker_.acknowledge(session_, packet->type, packet->packet_id, failed);
  switch (acknowledged.result) {
    case Result::wrong:
      return end(ReasonCode::protocol_error, "an acknowledgement of another kind than the message waits for",
                 context.out, context.now);
    case Result::released:
      return owe(PacketType::pubrel, packet->packet_id, ReasonCode::success, acknowledged.commit);
    case Result::finished:
      return application_.delivered(*acknowledged.message, packet->reason);
    case Result::unknown:
      // The client may not have heard the end of it: it is told again.
      if (packet->type == PacketType::pubrec && !failed) {
        owe(PacketType::pubrel, packet->packet_id, ReasonCode::success);
      }
      return;
  }
}

void ServerConnection::handle_pubrel(std::uint16_t packet_id, Context& context) {
  // Said twice, it is still done once.
  if (acks_.awaits_batch(PacketType::pubcomp, packet_id)) return;
  const Released released = broker_.release_inbound(session_, packet_id, context.now);
  switch (released.kind) {
    case Released::Kind::lost:
      return;
    case Released::Kind::unknown:
      return owe(PacketType::pubcomp, packet_id, ReasonCode::success, released.commit);
    case Released::Kind::routed:
      --inbound_;
      application_.published(released.routed->topic(), released.routed->payload(), Qos::exactly_once);
      return owe(PacketType::pubcomp, packet_id, ReasonCode::success, released.commit);
    case Released::Kind::taken:
      break;
  }
  const Application::Taken taken = application_.take_kept(released.taken);
  // PUBCOMP cannot say no: the client comes back and sends PUBREL again.
  if (taken.should_retry) return end(taken.reason, taken.reason_string, context.out, context.now);
  if (taken.batch != 0) return owe(PacketType::pubcomp, packet_id, ReasonCode::success, 0, taken.batch);
  // It was good when it came and is not any more: its sensor has been removed.
  --inbound_;
  owe(PacketType::pubcomp, packet_id, ReasonCode::success, broker_.forget_inbound(session_, packet_id));
}

void ServerConnection::handle_subscribe(const mqtt::Frame& frame, Context& context) {
  const auto packet = mqtt::decode_subscribe(frame, version_);
  if (!packet) return fail(packet.error(), context);
  std::string codes;
  std::uint64_t commit = 0;
  for (const mqtt::FilterEntry& entry : packet->filters) {
    const mqtt::FilterParts parts = mqtt::split_filter(entry.filter);
    ReasonCode reason = application_.may_subscribe(parts.filter);
    if (reason == ReasonCode::success) {
      SubscriptionRequest request{entry.filter, {entry.options, packet->identifier()}};
      if (is_bridge_) {
        request.interest.options.no_local = true;
        request.interest.options.retain_as_published = true;
      }
      const Subscribed subscribed = broker_.subscribe(session_, request, context.now);
      if (subscribed.is_lost) return;
      commit = std::max(commit, subscribed.commit);
      reason = subscribed.is_over_limit ? ReasonCode::quota_exceeded : static_cast<ReasonCode>(entry.options.qos);
      if (!subscribed.is_over_limit) application_.subscribed(parts.filter);
    }
    codes += static_cast<char>(reason);
  }
  std::string answer;
  mqtt::encode(answer, version_, mqtt::Suback{packet->packet_id, codes, {}});
  owe(PacketType::suback, packet->packet_id, ReasonCode::success, commit, 0, std::move(answer));
}

void ServerConnection::handle_unsubscribe(const mqtt::Frame& frame, Context& context) {
  const auto packet = mqtt::decode_unsubscribe(frame, version_);
  if (!packet) return fail(packet.error(), context);
  std::string codes;
  std::uint64_t commit = 0;
  for (const mqtt::FilterEntry& entry : packet->filters) {
    const bool existed = broker_.unsubscribe(session_, entry.filter, commit);
    if (existed) application_.unsubscribed(entry.filter);
    codes += static_cast<char>(existed ? ReasonCode::success : ReasonCode::no_subscription_existed);
  }
  std::string answer;
  mqtt::encode(answer, version_, mqtt::Unsuback{packet->packet_id, codes, {}});
  owe(PacketType::unsuback, packet->packet_id, ReasonCode::success, commit, 0, std::move(answer));
}

void ServerConnection::handle_disconnect(const mqtt::Frame& frame, Context& context) {
  const auto packet = mqtt::decode_disconnect(frame, version_);
  if (!packet) return fail(packet.error(), context);
  const auto expiry_s = packet->properties.number(PropertyId::session_expiry_interval);
  if (expiry_s && *expiry_s > 0 && expiry_s_ == 0) {
    return end(ReasonCode::protocol_error, "DISCONNECT cannot make a session last that was not to", context.out,
               context.now);
  }
  const bool is_orderly = packet->reason == ReasonCode::success;
  if (!is_orderly) {
    error_ = "the client disconnected: " + std::string(mqtt::to_string(packet->reason));
  }
  close(is_orderly ? Ending::orderly : Ending::lost, expiry_s, context.now);
}

}  // namespace iot::broker

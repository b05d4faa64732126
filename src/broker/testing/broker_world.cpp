#include "broker/testing/broker_world.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/testing/hex.h"

namespace iot::broker::testing {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ReasonCode;
using mqtt::Version;

namespace {

std::string hex_of(ReasonCode reason) {
  char text[8];
  std::snprintf(text, sizeof text, "0x%02X", static_cast<unsigned>(reason));
  return text;
}

struct Line {
  std::string operator()(const mqtt::Connack& packet) const {
    return "CONNACK " + hex_of(packet.reason) + (packet.session_present ? " present" : "");
  }
  std::string operator()(const mqtt::Publish& packet) const {
    std::string line = "PUBLISH " + std::string(packet.topic) + "=" + std::string(packet.payload);
    if (packet.qos != mqtt::Qos::at_most_once) {
      line += " q" + std::to_string(static_cast<int>(packet.qos)) + " #" + std::to_string(packet.packet_id);
    }
    if (packet.duplicate) line += " dup";
    if (packet.retain) line += " retain";
    if (packet.message_expiry_s) line += " expiry=" + std::to_string(*packet.message_expiry_s);
    if (packet.topic_alias != 0) line += " alias=" + std::to_string(packet.topic_alias);
    std::vector<std::uint32_t> ids;
    packet.properties.each([&](const mqtt::Property& property) {
      if (property.id == PropertyId::subscription_identifier) ids.push_back(property.number);
    });
    std::ranges::sort(ids);
    for (std::size_t i = 0; i < ids.size(); ++i) line += (i == 0 ? " ids=" : ",") + std::to_string(ids[i]);
    return line;
  }
  std::string operator()(const mqtt::Acknowledgement& packet) const {
    std::string line = std::string(to_string(packet.type)) + " " + std::to_string(packet.packet_id);
    return packet.reason == ReasonCode::success ? line : line + " " + hex_of(packet.reason);
  }
  std::string operator()(const mqtt::Suback& packet) const {
    return "SUBACK " + std::to_string(packet.packet_id) + " " + mqtt::testing::hex_of(packet.codes);
  }
  std::string operator()(const mqtt::Unsuback& packet) const {
    return "UNSUBACK " + std::to_string(packet.packet_id) + " " + mqtt::testing::hex_of(packet.codes);
  }
  std::string operator()(const mqtt::Disconnect& packet) const { return "DISCONNECT " + hex_of(packet.reason); }
  std::string operator()(const mqtt::Pingresp&) const { return "PINGRESP"; }
  std::string operator()(const auto&) const { return "a packet of clients"; }
};

}  // namespace

std::vector<std::string> lines_of(std::string_view bytes, Version version) {
  std::vector<std::string> lines;
  while (!bytes.empty()) {
    const auto step = mqtt::read_frame(bytes, {version, mqtt::Sender::server});
    if (!step || !step->frame) return lines.emplace_back("damaged"), lines;
    const auto packet = mqtt::decode(*step->frame, version, mqtt::Sender::server);
    if (!packet) return lines.emplace_back("damaged"), lines;
    lines.push_back(std::visit(Line{}, *packet));
    bytes.remove_prefix(step->frame->bytes);
  }
  return lines;
}

void World::open() {
  broker = Broker::open(limits, *store, now).value();
}

void World::commit(std::size_t count_max) {
  store->commit(count_max);
  broker->committed();
}

void World::crash() {
  broker.reset();
  store = std::make_unique<MemoryStore>(store->durable_records());
  open();
}

void World::pass(std::chrono::milliseconds time) {
  now.ns += std::chrono::nanoseconds(time).count();
  steady += time;
  broker->tick(now);
}

Published World::publish(std::string_view topic, std::string_view payload, mqtt::Qos qos, bool retain) {
  MessageParts parts;
  parts.topic = topic;
  parts.payload = payload;
  parts.qos = qos;
  parts.retain = retain;
  parts.arrived = now;
  return broker->publish(parts, {}, now);
}

Peer::Peer(World& world, std::string client_id, Owner owner)
    : world_(world),
      client_id_(std::move(client_id)),
      connection_(std::make_unique<ServerConnection>(*world.broker, application, *this, world.connection_limits,
                                                     world.traffic)) {
  application.admission.owner = owner;
}

Peer::~Peer() {
  connection_->lost(world_.now);
}

std::string Peer::connect(const ConnectWith& with) {
  version_ = with.version;
  std::string properties;
  std::string will_properties;
  if (version_ == Version::v5) {
    mqtt::PropertyWriter writer(properties);
    if (with.expiry_s > 0) writer.number(PropertyId::session_expiry_interval, with.expiry_s);
    if (with.receive_max > 0) writer.number(PropertyId::receive_maximum, with.receive_max);
    if (with.alias_max > 0) writer.number(PropertyId::topic_alias_maximum, with.alias_max);
    if (with.packet_bytes_max > 0) writer.number(PropertyId::maximum_packet_size, with.packet_bytes_max);
    if (with.will_delay_s > 0) {
      mqtt::PropertyWriter(will_properties).number(PropertyId::will_delay_interval, with.will_delay_s);
    }
  }
  mqtt::Connect packet;
  packet.version = version_;
  packet.clean_start = with.clean_start;
  packet.keep_alive_s = with.keep_alive_s;
  packet.client_id = client_id_;
  packet.properties = mqtt::Properties::trusted(properties);
  if (!with.will_topic.empty()) {
    packet.will = mqtt::Will{with.will_topic, with.will_payload, with.will_qos, with.will_retain,
                             mqtt::Properties::trusted(will_properties)};
  }
  std::string bytes;
  encode(bytes, packet);
  send(bytes);
  Lines lines = heard();
  if (lines.empty()) return {};
  unread_.assign(lines.begin() + 1, lines.end());
  return lines.front();
}

void Peer::publish(std::string_view topic, std::string_view payload, const PublishWith& with) {
  std::string properties;
  mqtt::PropertyWriter writer(properties);
  if (with.expiry_s > 0) writer.number(PropertyId::message_expiry_interval, with.expiry_s);
  if (with.alias > 0) writer.number(PropertyId::topic_alias, with.alias);
  mqtt::Publish packet;
  packet.topic = topic;
  packet.payload = payload;
  packet.qos = with.qos;
  packet.retain = with.retain;
  packet.duplicate = with.duplicate;
  packet.packet_id = with.qos == mqtt::Qos::at_most_once ? std::uint16_t{0} : with.packet_id;
  packet.properties = mqtt::Properties::trusted(properties);
  std::string bytes;
  encode(bytes, version_, packet);
  send(bytes);
}

void Peer::acknowledge(PacketType type, std::uint16_t packet_id, ReasonCode reason) {
  std::string bytes;
  encode(bytes, version_, mqtt::Acknowledgement{type, packet_id, reason, {}});
  send(bytes);
}

void Peer::subscribe(std::string_view filter, mqtt::SubscriptionOptions options, std::uint32_t identifier) {
  std::string raw;
  mqtt::append_filter(raw, filter, options);
  std::string properties;
  if (identifier > 0) mqtt::PropertyWriter(properties).number(PropertyId::subscription_identifier, identifier);
  std::string bytes;
  encode(bytes, version_, mqtt::Subscribe{1, mqtt::FilterList(raw, true), mqtt::Properties::trusted(properties)});
  send(bytes);
}

void Peer::unsubscribe(std::string_view filter) {
  std::string raw;
  mqtt::append_filter(raw, filter);
  std::string bytes;
  encode(bytes, version_, mqtt::Unsubscribe{2, mqtt::FilterList(raw, false), {}});
  send(bytes);
}

void Peer::disconnect(ReasonCode reason, std::optional<std::uint32_t> expiry_s) {
  std::string properties;
  if (expiry_s) mqtt::PropertyWriter(properties).number(PropertyId::session_expiry_interval, *expiry_s);
  std::string bytes;
  encode(bytes, version_, mqtt::Disconnect{reason, mqtt::Properties::trusted(properties)});
  send(bytes);
}

void Peer::send(std::string_view bytes) {
  notice_loss();
  input_ += bytes;
  const std::size_t count = input_.size();
  input_.append(64, '\0');
  const std::size_t taken =
      connection_->receive(std::string_view(input_).substr(0, count), output_, world_.now, world_.steady);
  input_.resize(count);
  input_.erase(0, taken);
}

void Peer::lose() {
  connection_->lost(world_.now);
}

void Peer::complete(BatchNumber batch, ReasonCode reason) {
  connection_->complete(batch, reason, "", output_, world_.now);
}

void Peer::notice_loss() {
  if (!notices_losses || !lost_) return;
  connection_->end(*std::exchange(lost_, std::nullopt), "", output_, world_.now);
}

Peer::Lines Peer::heard() {
  notice_loss();
  while (connection_->flush(output_, output_.size() + 65'536, std::exchange(woken_, false), world_.now)) {
    // A SUBACK that waits for the disk holds messages back.
    const std::size_t before = output_.size();
    connection_->flush(output_, output_.size() + 65'536, false, world_.now);
    if (output_.size() == before) break;
  }
  Lines lines = std::exchange(unread_, {});
  std::ranges::move(lines_of(std::exchange(output_, {}), connection_->version()), std::back_inserter(lines));
  return lines;
}

Peer::Lines Peer::drain() {
  Lines payloads;
  for (;;) {
    const Lines lines = heard();
    if (lines.empty()) return payloads;
    for (const std::string& line : lines) {
      const auto number_after = [&](std::string_view mark) {
        const auto at = line.find(mark);
        return static_cast<std::uint16_t>(std::stoul(line.substr(at + mark.size())));
      };
      if (line.starts_with("PUBREL ")) {
        const std::uint16_t packet_id = number_after("PUBREL ");
        std::erase(held, packet_id);
        acknowledge(PacketType::pubcomp, packet_id);
        continue;
      }
      if (!line.starts_with("PUBLISH ")) continue;
      const auto begin = line.find('=') + 1;
      const std::string payload = line.substr(begin, line.find(' ', begin) - begin);
      if (line.find(" q1 #") != line.npos) {
        acknowledge(PacketType::puback, number_after(" q1 #"));
      } else if (line.find(" q2 #") != line.npos) {
        const std::uint16_t packet_id = number_after(" q2 #");
        acknowledge(PacketType::pubrec, packet_id);
        if (std::ranges::count(held, packet_id) > 0) continue;
        held.push_back(packet_id);
      }
      payloads.push_back(payload);
    }
  }
}

}  // namespace iot::broker::testing

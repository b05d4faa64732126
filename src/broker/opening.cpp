// The first packet of a connection: CONNECT, and what it is answered (5.0 sections 3.1 and 3.2).
#include <algorithm>
#include <random>
#include <utility>

#include "broker/connection_extras.h"
#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/errc.h"

namespace iot::broker {

using mqtt::PropertyId;
using mqtt::ReasonCode;
using mqtt::Version;

namespace {

/// A client id for one that has none: not to be guessed, as the session may outlive the connection.
std::string make_client_id() {
  static constexpr char digits[] = "0123456789abcdef";
  std::random_device random;
  std::string id = "auto-";
  for (int word = 0; word < 4; ++word) {
    auto bits = random();
    for (int digit = 0; digit < 8; ++digit, bits >>= 4) id += digits[bits & 0xF];
  }
  return id;
}

WillRecord will_of(const mqtt::Will& will) {
  WillRecord record;
  record.topic = will.topic;
  record.payload = will.payload;
  record.qos = will.qos;
  record.retain = will.retain;
  record.delay_s = will.properties.number(PropertyId::will_delay_interval).value_or(0);
  record.message_expiry_s = will.properties.number(PropertyId::message_expiry_interval);
  will.properties.each([&](const mqtt::Property& property) {
    const bool is_ours =
        property.id == PropertyId::will_delay_interval || property.id == PropertyId::message_expiry_interval;
    if (!is_ours) record.properties += property.raw;
  });
  return record;
}

/// How long the session shall outlive the connection, as the client has it.
std::uint32_t wanted_expiry_s(const mqtt::Connect& connect) {
  if (connect.version != Version::v5) return connect.clean_start ? 0 : expiry_never;
  return connect.properties.number(PropertyId::session_expiry_interval).value_or(0);
}

}  // namespace

void ServerConnection::handle_connect(const mqtt::Frame& frame, Context& context) {
  const auto connect = mqtt::decode_connect(frame);
  if (!connect) return fail(connect.error(), context);
  version_ = connect->version;
  is_bridge_ = connect->is_bridge;
  tells_problems_ = connect->properties.number(PropertyId::request_problem_information).value_or(1) != 0;
  packet_bytes_max_of_client_ = connect->properties.number(PropertyId::maximum_packet_size).value_or(0);
  if (connect->properties.text(PropertyId::authentication_method)) {
    return refuse_connect(ReasonCode::bad_authentication_method, "", context);
  }
  const bool may_be_nameless = version_ == Version::v5 || (version_ == Version::v3_1_1 && connect->clean_start);
  if (connect->client_id.empty() && !may_be_nameless) {
    return refuse_connect(ReasonCode::client_identifier_not_valid, "", context);
  }
  const Application::Admission admission = application_.admit(*connect);
  if (admission.reason != ReasonCode::success) {
    return refuse_connect(admission.reason, admission.reason_string, context);
  }
  if (connect->will && application_.way_of(connect->will->topic) == Application::Way::refuse) {
    return refuse_connect(ReasonCode::not_authorized, "the client may not publish on the topic of its will", context);
  }
  open_session(*connect, admission, context);
}

void ServerConnection::refuse_connect(ReasonCode reason, std::string_view reason_string, Context& context) {
  std::string properties;
  if (!reason_string.empty()) mqtt::PropertyWriter(properties).text(PropertyId::reason_string, reason_string);
  if (packet_bytes_max_of_client_ > 0 && properties.size() + 8 > packet_bytes_max_of_client_) properties.clear();
  mqtt::encode(context.out, version_, mqtt::Connack{false, reason, mqtt::Properties::trusted(properties)});
  ++counts_.packets_sent;
  error_ = reason_string.empty() ? mqtt::to_string(reason) : reason_string;
  stage_ = Stage::closing;
}

void ServerConnection::open_session(const mqtt::Connect& connect, const Application::Admission& admission,
                                    Context& context) {
  const std::uint16_t receive_max_of_client =
      static_cast<std::uint16_t>(connect.properties.number(PropertyId::receive_maximum).value_or(65'535));
  const std::uint32_t wanted_s = wanted_expiry_s(connect);
  const std::string assigned_id = connect.client_id.empty() ? make_client_id() : std::string();
  alias_max_of_client_ =
      static_cast<std::uint16_t>(connect.properties.number(PropertyId::topic_alias_maximum).value_or(0));

  keep_alive_s_ = connect.keep_alive_s;
  const bool is_too_long = limits_.keep_alive_s_max > 0 && version_ == Version::v5 &&
                           (keep_alive_s_ == 0 || keep_alive_s_ > limits_.keep_alive_s_max);
  if (is_too_long) keep_alive_s_ = limits_.keep_alive_s_max;

  std::string properties;
  mqtt::PropertyWriter writer(properties);
  if (version_ == Version::v5) {
    if (limits_.topic_alias_max > 0) writer.number(PropertyId::topic_alias_maximum, limits_.topic_alias_max);
    if (limits_.receive_max < 65'535) writer.number(PropertyId::receive_maximum, limits_.receive_max);
    if (limits_.packet_bytes_max < mqtt::packet_bytes_max) {
      writer.number(PropertyId::maximum_packet_size, static_cast<std::uint32_t>(limits_.packet_bytes_max));
    }
    if (is_too_long) writer.number(PropertyId::server_keep_alive, keep_alive_s_);
    if (wanted_s > broker_.limits().session_s_max) {
      writer.number(PropertyId::session_expiry_interval, broker_.limits().session_s_max);
    }
    if (!assigned_id.empty()) writer.text(PropertyId::assigned_client_identifier, assigned_id);
    const bool wants_response = connect.properties.number(PropertyId::request_response_information).value_or(0) != 0;
    if (wants_response && !admission.response_information.empty()) {
      writer.text(PropertyId::response_information, admission.response_information);
    }
  }
  std::string connack;
  mqtt::encode(connack, version_, mqtt::Connack{true, ReasonCode::success, mqtt::Properties::trusted(properties)});
  if (packet_bytes_max_of_client_ > 0 && connack.size() > packet_bytes_max_of_client_) {
    // It cannot even be told that it is too narrow.
    error_ = "the client takes no packets as large as CONNACK";
    stage_ = Stage::closing;
    return;
  }

  Opening opening;
  opening.owner = admission.owner;
  opening.client_id = assigned_id.empty() ? connect.client_id : std::string_view(assigned_id);
  opening.clean_start = connect.clean_start;
  opening.expiry_s = wanted_s;
  opening.in_flight_max = std::min(receive_max_of_client, limits_.in_flight_max);
  if (connect.will) opening.will = will_of(*connect.will);
  const auto opened = broker_.attach(opening, outlet_, context.now);
  if (opened.reason != ReasonCode::success) return refuse_connect(opened.reason, opened.reason_string, context);

  session_ = opened.session;
  expiry_s_ = wanted_s;
  inbound_ = static_cast<std::uint16_t>(broker_.inbound_count(session_));
  stage_ = Stage::connected;
  deadline_.reset();
  mqtt::encode(context.out, version_,
               mqtt::Connack{opened.session_present && version_ != Version::v3_1, ReasonCode::success,
                             mqtt::Properties::trusted(properties)});
  ++counts_.packets_sent;
  application_.opened(opened.session_present);
}

}  // namespace iot::broker

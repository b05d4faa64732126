// What the broker asks of a device's, consumer's or administrator's connection: rights, and readings.
#include <algorithm>
#include <utility>

#include "gateway/mqtt/mqtt_connection.h"
#include "gateway/mqtt/mqtt_rights.h"
#include "gateway/principal.h"

namespace iot::gateway {

using broker::Owner;
using mqtt::ReasonCode;
using registry::SubjectKind;

namespace {

/// What makes a CONNECT one with a token; any other user name is refused.
constexpr std::string_view token_user_name = "JWT";

/// A hand-over to the event log has about so many readings, or bytes of text, at most.
constexpr std::size_t batch_readings_max = 10'000;
constexpr std::size_t batch_text_bytes_max = 4u << 20;

Owner owner_of(const Principal& principal) noexcept {
  switch (principal.kind) {
    case SubjectKind::device:
      return {Owner::Kind::device, principal.id};
    case SubjectKind::consumer:
      return {Owner::Kind::consumer, principal.id};
    case SubjectKind::user:
      break;
  }
  return {Owner::Kind::user, principal.id};
}

/// Cut to what a reason string should be.
std::string summary_of(const std::vector<ingest::Fault>& faults) {
  const ingest::Fault& first = faults.front();
  std::string text = "reading " + std::to_string(first.index);
  if (!first.field.empty()) text += ", " + first.field;
  text += ": " + first.message;
  if (faults.size() > 1) text += " (and " + std::to_string(faults.size() - 1) + " more)";
  return text;
}

}  // namespace

Result<Principal> MqttConnection::principal_of(std::string_view token) {
  for (const auto audience : {access::Audience::device, access::Audience::consumer}) {
    auto principal = principal_of_token(loop_.gateway.tokens, token, audience, loop_.snapshot());
    if (principal || !is(principal.error(), access::Errc::wrong_kind)) return principal;
  }
  return principal_of_token(loop_.gateway.tokens, token, access::Audience::user, loop_.snapshot());
}

broker::Application::Admission MqttConnection::admit(const mqtt::Connect& connect) {
  if (loop_.limits.admits_anyone && connect.user_name != token_user_name) return {};
  const auto refuse = [&](ReasonCode reason, std::string text) {
    loop_.metrics.unauthorized.Increment();
    return Admission{reason, std::move(text), {}, {}};
  };
  Principal principal;
  const std::string_view certificate = transport_->peer_certificate_sha256();
  if (!connect.password && !certificate.empty()) {
    const auto found = principal_of_certificate(certificate, loop_.snapshot());
    if (!found) return refuse(ReasonCode::not_authorized, "the client certificate is no device's");
    principal = *found;
  } else {
    if (connect.user_name != token_user_name || !connect.password) {
      return refuse(ReasonCode::not_authorized, "the user name must be JWT and the password a token");
    }
    const auto found = principal_of(*connect.password);
    if (!found && is(found.error(), access::Errc::not_ready)) {
      return refuse(ReasonCode::server_unavailable, found.error().message);
    }
    if (!found) return refuse(ReasonCode::not_authorized, found.error().message);
    principal = *found;
  }
  if (principal.kind == SubjectKind::device && !loop_.gateway.sending.is_off()) {
    if (const auto wait = loop_.gateway.sending.connect(DeviceId{principal.id}, loop_.steady())) {
      return {ReasonCode::connection_rate_exceeded,
              "more connections than " + std::string(wait->limit) + " allows",
              {},
              {}};
    }
  }
  switch (loop_.gateway.open_connections.enter(*this, loop_.thread_index, principal, Protocol::mqtt, peer_address_,
                                               loop_.time())) {
    case EnterRefusal::none:
      break;
    case EnterRefusal::too_many:
      loop_.metrics.limited("connections_per_subject").Increment();
      return {ReasonCode::quota_exceeded, "too many open connections", {}, {}};
    case EnterRefusal::withdrawn:
      return refuse(ReasonCode::not_authorized, "the device is gone, or its key was rotated");
  }
  owner_ = owner_of(principal);
  Admission admission;
  admission.owner = owner_;
  if (owner_.kind == Owner::Kind::device) {
    admission.response_information = std::to_string(owner_.id) + "/responses/";
    loop_.batch.device = DeviceId{owner_.id};
  }
  return admission;
}

broker::Application::Way MqttConnection::way_of(std::string_view topic) {
  return way_of_publication(owner_, topic);
}

broker::Application::Taken MqttConnection::refuse(const std::vector<ingest::Fault>& faults) {
  loop_.metrics.bad_messages.Increment();
  std::string text = summary_of(faults);
  loop_.gateway.open_connections.note_error(*this, text, loop_.time());
  return {ReasonCode::payload_format_invalid, std::move(text), 0, false};
}

broker::Application::Taken MqttConnection::refuse_too_large(std::string text) {
  loop_.metrics.bad_messages.Increment();
  if (is_entered()) loop_.gateway.open_connections.note_error(*this, text, loop_.time());
  return {ReasonCode::packet_too_large, std::move(text), 0, false};
}

broker::Application::Taken MqttConnection::take(std::string_view payload) {
  const auto filled = loop_.batch.mark();
  if (filled.readings >= batch_readings_max || filled.text_bytes >= batch_text_bytes_max) submit();
  if (loop_.batch.empty()) loop_.batch.device = DeviceId{owner_.id};
  const std::size_t before = loop_.batch.size();
  const auto faults = loop_.decoder.decode_more(payload, loop_.snapshot(), loop_.time(), loop_.batch);
  if (!faults.empty()) return refuse(faults);
  loop_.readings_taken += loop_.batch.size() - before;
  // An empty array is good, and there is nothing to wait for.
  Taken taken;
  taken.batch = loop_.batch.size() == before ? 0 : next_batch_;
  return taken;
}

broker::Application::Taken MqttConnection::prepare(std::string_view payload, std::string& kept) {
  const auto faults = loop_.decoder.decode(payload, DeviceId{owner_.id}, loop_.snapshot(), loop_.time(), loop_.single);
  if (!faults.empty()) return refuse(faults);
  loop_.readings_taken += loop_.single.size();
  // Encoded with the times of arrival in it: stored a second time after a crash, they are the same readings.
  loop_.single.encode(kept);
  const std::size_t bytes_max = loop_.gateway.ingestor.record_bytes_max();
  if (kept.size() > bytes_max) {
    // After PUBREC it could not be refused any more.
    return refuse_too_large("the readings take more than " + std::to_string(bytes_max) + " bytes at once");
  }
  return {};
}

broker::Application::Taken MqttConnection::take_kept(std::string_view kept) {
  Taken taken;
  if (!loop_.single.decode(kept) || loop_.single.empty()) return taken;
  const registry::Snapshot& snapshot = loop_.snapshot();
  for (std::size_t index = 0; index < loop_.single.size(); ++index) {
    const registry::SensorEntry* const sensor = snapshot.sensors.find(loop_.single.sensor(index));
    if (sensor && sensor->device == loop_.single.device) continue;
    loop_.gateway.open_connections.note_error(*this, "a sensor was removed before its readings were released",
                                              loop_.time());
    return taken;
  }
  // Readings of other packets go first, in their own batch.
  submit();
  taken.batch = next_batch_;
  std::swap(loop_.batch, loop_.single);
  loop_.refusal.reset();
  submit();
  if (loop_.refusal) {
    // Refused at once: nothing can wait for it.
    return {ReasonCode::quota_exceeded, loop_.refusal->message, 0, true};
  }
  return taken;
}

mqtt::ReasonCode MqttConnection::may_subscribe(std::string_view filter) {
  return check_subscription(owner_, filter, loop_.snapshot());
}

}  // namespace iot::gateway

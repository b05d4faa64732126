// Any bytes as what a connection reads: the first two say version, side and where the bytes are cut. Whatever is
// decoded must come back the same from its own encoding; the same must be seen whole and cut in two.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "mqtt/decode.h"
#include "mqtt/encode.h"
#include "mqtt/errc.h"
#include "mqtt/forward.h"

namespace {

using namespace iot::mqtt;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_publish(const Publish& publish, Version version) {
  std::string scratch;
  const OutgoingPublish outgoing{.topic = publish.topic,
                                 .payload = publish.payload,
                                 .forwarded = forwarded_properties(publish, scratch),
                                 .qos = publish.qos,
                                 .packet_id = publish.packet_id};
  if (outgoing.topic.empty()) return;
  std::string bytes;
  encode(bytes, version, outgoing);
  require(bytes.size() == encoded_bytes(version, outgoing));
  const auto step = read_frame(bytes, {version, Sender::server, packet_bytes_max});
  require(step.has_value() && step->frame.has_value());
  const auto back = decode_publish(*step->frame, version, Sender::server);
  require(back && back->topic == publish.topic && back->payload == publish.payload && back->topic_alias == 0 &&
          !back->message_expiry_s);
}

void check_round_trip(const Packet& packet, Version version, Sender sender) {
  std::string bytes;
  encode(bytes, version, packet);
  const auto step = read_frame(bytes, {version, sender, packet_bytes_max});
  require(step.has_value() && step->frame.has_value() && step->frame->bytes == bytes.size());
  const auto back = decode(*step->frame, version, sender);
  require(back.has_value() && *back == packet);
  std::string again;
  encode(again, version, *back);
  require(again == bytes);
  if (const auto* publish = std::get_if<Publish>(&packet)) check_publish(*publish, version);
}

/// Reads packets until the bytes end or are refused; what was seen: the size of each packet, and 0 with the error's
/// code.
std::vector<std::size_t> read_all(std::string_view bytes, std::size_t cut, FrameRules rules, bool is_checked) {
  std::vector<std::size_t> seen;
  std::size_t end = cut;
  std::size_t at = 0;
  for (;;) {
    const std::string_view received = bytes.substr(at, end - at);
    const auto step = read_frame(received, rules);
    if (!step) {
      require(reason_code(step.error()) >= ReasonCode::malformed_packet && !step.error().message.empty());
      seen.push_back(0);
      seen.push_back(static_cast<std::size_t>(step.error().code.value()));
      return seen;
    }
    if (!step->frame) {
      require(step->bytes_needed > received.size() && step->bytes_needed <= rules.bytes_max);
      if (end == bytes.size()) return seen;
      end = bytes.size();
      continue;
    }
    require(step->frame->bytes <= received.size() && step->frame->bytes <= rules.bytes_max);
    const auto packet = decode(*step->frame, rules.version.value_or(Version::v5), rules.sender);
    if (!packet) {
      seen.push_back(0);
      seen.push_back(static_cast<std::size_t>(packet.error().code.value()));
      return seen;
    }
    if (const auto* connect = std::get_if<Connect>(&*packet)) rules.version = connect->version;
    if (is_checked) check_round_trip(*packet, rules.version.value_or(Version::v5), rules.sender);
    seen.push_back(step->frame->bytes);
    at += step->frame->bytes;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  FrameRules rules{std::nullopt, (data[0] & 1) != 0 ? Sender::server : Sender::client, 5000};
  if (const unsigned version = data[0] >> 1 & 3; version != 0) rules.version = static_cast<Version>(2 + version);
  // A client knows its version from the start.
  if (rules.sender == Sender::server && !rules.version) rules.version = Version::v5;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = bytes.empty() ? 0 : data[1] % bytes.size();
  const auto whole = read_all(bytes, bytes.size(), rules, true);
  require(read_all(bytes, cut, rules, false) == whole);
  return 0;
}

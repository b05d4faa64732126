#include "gateway/websocket/readings_answers.h"

#include <charconv>

#include "base/json_writer.h"
#include "net/websocket/frames.h"

namespace iot::gateway {
namespace {

using net::append_frame;
using net::FrameKind;

constexpr std::string_view acknowledgement_start = "{\"accepted\":";

/// The payload of the first of whole frames of ours, which is taken off them.
std::string_view take_payload(std::string_view& frames) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(frames[at])); };
  std::size_t header = 2;
  std::size_t length = byte(1);
  if (length >= 126) {
    const std::size_t extension = length == 126 ? 2 : 8;
    length = 0;
    for (std::size_t i = 0; i < extension; ++i) length = length << 8 | byte(header + i);
    header += extension;
  }
  const std::string_view payload = frames.substr(header, length);
  frames.remove_prefix(header + length);
  return payload;
}

}  // namespace

void append_acknowledgement(std::string& frames, std::size_t readings) {
  char text[48];
  char* end = text + acknowledgement_start.copy(text, sizeof text);
  end = std::to_chars(end, text + sizeof text - 1, readings).ptr;
  *end++ = '}';
  append_frame(frames, FrameKind::text, {text, static_cast<std::size_t>(end - text)});
}

void append_refusal(std::string& frames, const std::vector<ingest::Fault>& faults) {
  std::string text;
  ingest::append_faults_json(text, faults);
  append_frame(frames, FrameKind::text, text);
}

void append_failed_answers(std::string& out, std::string_view frames, std::string_view message) {
  std::string failed;
  JsonWriter json(failed);
  json.begin_object().key("name").string("Unavailable").key("errors").begin_array();
  json.begin_object().key("message").string(message).end_object().end_array().end_object();
  while (!frames.empty()) {
    const std::string_view answer = take_payload(frames);
    append_frame(out, FrameKind::text, answer.starts_with(acknowledgement_start) ? failed : answer);
  }
}

std::string reason_of(const ingest::Fault& fault) {
  std::string reason = "reading " + std::to_string(fault.index);
  if (!fault.field.empty()) reason += ", " + fault.field;
  return reason + ": " + fault.message;
}

std::string message_of(const Error& error) {
  switch (failure_of(error)) {
    case Failure::unavailable:
    case Failure::too_large:
    case Failure::too_many:
    case Failure::shutting_down:
      return error.message;
    default:
      // Of what is broken inside, devices need to know no more than that they should try again.
      return "the readings could not be stored; send them again";
  }
}

}  // namespace iot::gateway

#include "gateway/command_messages.h"

#include <boost/json/parse.hpp>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "mqtt/utf8.h"

namespace iot::gateway {

namespace json = boost::json;

namespace {

constexpr std::size_t json_depth_max = 16;

std::string utf8_of_latin1(std::string_view bytes) {
  std::string text;
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte < 0x80) {
      text += each;
    } else {
      text += static_cast<char>(0xC0 | byte >> 6);
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

void write_value(JsonWriter& writer, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      writer.null();
      return;
    case json::kind::bool_:
      writer.boolean(value.get_bool());
      return;
    case json::kind::int64:
      writer.integer(value.get_int64());
      return;
    case json::kind::uint64:
      writer.unsigned_integer(value.get_uint64());
      return;
    case json::kind::double_:
      writer.real(value.get_double());
      return;
    case json::kind::string:
      writer.string(std::string_view(value.get_string()));
      return;
    case json::kind::array:
      writer.begin_array();
      for (const json::value& each : value.get_array()) write_value(writer, each);
      writer.end_array();
      return;
    case json::kind::object:
      writer.begin_object();
      for (const auto& [name, each] : value.get_object()) write_value(writer.key(std::string_view(name)), each);
      writer.end_object();
      return;
  }
}

}  // namespace

std::string json_text(const json::value& value) {
  std::string text;
  JsonWriter writer(text);
  write_value(writer, value);
  return text;
}

void append_command_json(std::string& out, const registry::DeviceCommand& command) {
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("id").string(command.id.to_string());
  writer.key("name").string(command.name);
  writer.key("payload").raw(command.payload);
  writer.key("expires").string(format_timestamp(command.expires, FractionDigits::milliseconds));
  writer.end_object();
}

CommandResponse read_response(std::string_view payload) {
  json::parse_options options;
  options.max_depth = json_depth_max;
  json::error_code error;
  const json::value value = json::parse(payload, error, {}, options);
  if (!error) {
    const auto* object = value.if_object();
    return {std::string(payload), object && object->contains("error")};
  }
  CommandResponse response;
  const std::string text = mqtt::is_utf8(payload) ? std::string(payload) : utf8_of_latin1(payload);
  JsonWriter(response.json).string(text);
  return response;
}

std::string command_topic(DeviceId device, registry::CommandId command) {
  return device.to_string() + "/commands/" + command.to_string();
}

std::optional<CommandTopic> parse_command_topic(std::string_view topic, DeviceId device) {
  const std::string prefix = device.to_string() + "/commands/";
  if (!topic.starts_with(prefix)) return {};
  topic.remove_prefix(prefix.size());
  const std::size_t slash = topic.find('/');
  const auto id = parse_id<registry::CommandId>(topic.substr(0, slash));
  if (!id) return {};
  if (slash == std::string_view::npos) return CommandTopic{*id, false};
  if (topic.substr(slash) != "/response") return {};
  return CommandTopic{*id, true};
}

}  // namespace iot::gateway

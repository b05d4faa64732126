// Commands and responses as devices see them, the same over MQTT, HTTP and WebSocket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "base/ids.h"
#include "registry/device_records.h"

namespace iot::gateway {

/// Appends {"id":"17","name":"reboot","payload":...,"expires":"2018-05-19T08:19:27.000Z"}.
void append_command_json(std::string& out, const registry::DeviceCommand& command);

/// What a device said to a command.
struct CommandResponse {
  std::string json;         ///< JSON text
  bool has_failed = false;  ///< it is an object with a member "error"
};
/// Of any bytes: JSON (16 levels deep at most) stays as it is, anything else becomes a string. Bytes that are no UTF-8
/// stand in it as the characters U+0080 to U+00FF.
CommandResponse read_response(std::string_view payload);

/// As Boost.JSON writes it, but for real numbers, which it always gives an exponent.
std::string json_text(const boost::json::value& value);

/// "3/commands/17".
std::string command_topic(DeviceId device, registry::CommandId command);

/// What a topic below "<device>/commands/" is about; nothing if it is of another form.
struct CommandTopic {
  registry::CommandId command;
  bool is_response = false;  ///< "3/commands/17/response"
};
std::optional<CommandTopic> parse_command_topic(std::string_view topic, DeviceId device);

}  // namespace iot::gateway

// What a peer's bytes can be refused for. The number of each code is the MQTT 5.0 reason code of the answer, so that
// the session needs no table: reason_code(error) is what DISCONNECT (or CONNACK) says.
//
// A refused packet ends its connection. A version that is not ours is answered with CONNACK in the form of 3.1.1
// (return code 1); any other fault of a CONNECT closes without an answer; after CONNACK, 5.0 sends DISCONNECT with the
// reason and older versions just close.
#pragma once

#include "base/failure.h"
#include "mqtt/reason_code.h"

namespace iot::mqtt {

enum class Errc {
  malformed = 0x81,            ///< Bytes that are no packet of this version. Close.
  protocol_error = 0x82,       ///< A well-formed packet that may not come, or not with this content. Close.
  unsupported_version = 0x84,  ///< CONNECT with a protocol level that is not 3, 4 or 5. Answer, then close.
  filter_refused = 0x8F,       ///< A topic filter with more levels than topic_levels_max. Close.
  topic_refused = 0x90,        ///< A topic name with more levels than topic_levels_max. Close.
  alias_invalid = 0x94,        ///< Topic alias 0. Close.
  too_large = 0x95,            ///< Longer than FrameRules::bytes_max. Close: the rest of it is not read.
  ping_with_body = 0x181,      ///< PINGREQ or PINGRESP with a remaining length. Close without an answer.
};

ErrcInfo describe(Errc code) noexcept;
constexpr const char* errc_module(Errc) {
  return "mqtt";
}

/// The reason code of an error of this module; unspecified_error for errors of others.
ReasonCode reason_code(const Error& error) noexcept;

/// Whether not even 5.0 is to be answered.
inline bool closes_silently(const Error& error) noexcept {
  return is(error, Errc::ping_with_body);
}

}  // namespace iot::mqtt

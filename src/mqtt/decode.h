// From frames to packets: strict by the standard, without allocation but for the sentence of an error.
//
// A server calls decode_connect() for the first frame and then the one for each frame's type; decode() is for whoever
// wants them all in one type. What only a session can know is left to it: which packets may come when, packet ids in
// use, topic aliases, receive maximum, rights.
//
// Errors (errc.h) are malformed and protocol_error for all; further ones stand beside the functions.
#pragma once

#include "base/result.h"
#include "mqtt/frame.h"
#include "mqtt/packet.h"

namespace iot::mqtt {

/// Which version the connection has is in the packet. Errc::unsupported_version if the name is that of MQTT and the
/// level is not 3 (with `MQIsdp`), 4 or 5 (with `MQTT`), whatever the rest looks like.
Result<Connect> decode_connect(const Frame& frame);

Result<Connack> decode_connack(const Frame& frame, Version version);

/// Errc::alias_invalid for topic alias 0, Errc::topic_refused for too many levels. A client's single subscription
/// identifier is passed over: the standard forbids it, brokers in the field let it in.
Result<Publish> decode_publish(const Frame& frame, Version version, Sender sender);

/// PUBACK, PUBREC, PUBREL, PUBCOMP.
Result<Acknowledgement> decode_acknowledgement(const Frame& frame, Version version);

/// Errc::filter_refused for too many levels.
Result<Subscribe> decode_subscribe(const Frame& frame, Version version);
Result<Suback> decode_suback(const Frame& frame, Version version);
/// Errc::filter_refused for too many levels.
Result<Unsubscribe> decode_unsubscribe(const Frame& frame, Version version);
Result<Unsuback> decode_unsuback(const Frame& frame, Version version);

/// PINGREQ and PINGRESP: they have nothing in them.
Result<void> decode_ping(const Frame& frame);

Result<Disconnect> decode_disconnect(const Frame& frame, Version version);

/// Of 5.0 alone.
Result<Auth> decode_auth(const Frame& frame);

/// Any packet. `version` is not looked at for CONNECT.
Result<Packet> decode(const Frame& frame, Version version, Sender sender);

}  // namespace iot::mqtt

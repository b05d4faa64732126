// What a device that sends readings over a WebSocket is told, as whole frames.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/failure.h"
#include "ingest/ingestor.h"

namespace iot::gateway {

/// {"accepted":n}
void append_acknowledgement(std::string& frames, std::size_t readings);
/// {"name":"ReadingsRefused","errors":[...]}
void append_refusal(std::string& frames, const std::vector<ingest::Fault>& faults);
/// `frames` as above, of messages that in the end were not stored: in the place of each acknowledgement
/// {"name":"Unavailable","errors":[{"message":...}]}.
void append_failed_answers(std::string& out, std::string_view frames, std::string_view message);

/// The reason with which a bad message closes the connection: where and what the fault is.
std::string reason_of(const ingest::Fault& fault);
/// What a device needs to know of readings that the event log did not take.
std::string message_of(const Error& error);

}  // namespace iot::gateway

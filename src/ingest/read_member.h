// Reads a member's value with simdjson: the general way, for what the shortcuts (raw_reading.h) pass over. For ingest's
// own .cpp files.
#pragma once

#include <cstddef>
#include <string>

#include "ingest/json_walk.h"
#include "ingest/raw_reading.h"

namespace iot::ingest {

/// Puts `value` into `token`; its text points into the message, into the parser's memory (a string with escapes), or
/// into `json`, which gets the compact form of an object or array. Only those can be `too_deep`, of `duplicate_key` or
/// `out_of_range`.
WalkResult read_member(simdjson::ondemand::value value, Token& token, std::string& json, std::size_t depth_max);

/// A field's name: where it stands if it is without escapes. False if it is no JSON string.
bool read_name(simdjson::ondemand::field& field, std::string_view& name);

}  // namespace iot::ingest

// A document's members as they were sent, before anybody judges them; and the two ways to read them, as for readings
// (raw_reading.h). For ingest's own .cpp files.
#pragma once

#include <string>

#include "ingest/json_walk.h"
#include "ingest/raw_reading.h"

namespace iot::ingest {

struct RawDocument {
  Token device_id;
  Token sensor_id;
  Token timestamp;
  Token at_timestamp;
  Token value;
};

/// Reads a document whose members are strings, numbers, true or false, as ASCII without escapes, whatever their names;
/// those of RawDocument once. False if it looks otherwise, which says nothing about whether it is good. At least 64
/// bytes that may be read must follow `text`.
bool scan_usual_document(std::string_view text, RawDocument& document) noexcept;

/// Reads any. What is wrong with it, in words; empty: nothing. `json` gets the value, if that is an object or array.
std::string read_document(simdjson::ondemand::parser& parser, std::string_view text, std::size_t depth_max,
                          std::string& json, RawDocument& document);

}  // namespace iot::ingest

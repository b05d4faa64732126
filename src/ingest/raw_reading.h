// A reading's members as they were sent, before anybody judges them: their order is the sender's choice. And a scanner
// for those that look as usual.
#pragma once

#include <cstdint>

#include "model/value.h"

namespace iot::ingest {

/// One member.
struct Token {
  enum class Kind : std::uint8_t { absent, null, raw };
  Kind kind = Kind::absent;
  model::RawValue value{model::RawValue::Kind::json, {}};
};

struct RawReading {
  Token sensor_id;
  Token timestamp;
  Token value;
};

/// Reads a reading that consists of the three members (or two, without the time), each once, in any order, as ASCII
/// without escapes, its values being strings, numbers, true or false. That is what nearly all senders send, and it
/// needs no general parser. Returns where it ends (behind the brace); null if it looks otherwise, which says nothing
/// about whether it is good. At least 64 bytes that may be read must follow `end`.
const char* scan_usual_reading(const char* at, const char* end, RawReading& reading) noexcept;

/// Reads the value at `at`, a string, number, true or false of that kind, into `token`, which must be absent. Returns
/// where it ends; null if it is none of the usual. At least 64 bytes that may be read must follow `end`.
const char* scan_usual_value(const char* at, const char* end, Token& token) noexcept;

/// The first byte that is not JSON's white space.
inline const char* skip_space(const char* at, const char* end) noexcept {
  while (at != end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) ++at;
  return at;
}

}  // namespace iot::ingest

#include "ingest/raw_reading.h"

#include <array>
#include <cstring>
#include <string_view>

#include "ingest/json_number.h"

namespace iot::ingest {

using model::RawValue;

namespace {

enum Letter : std::uint8_t { other = 0, plain_in_string = 1, part_of_number = 2 };

constexpr std::array<std::uint8_t, 256> make_letters() {
  std::array<std::uint8_t, 256> letters{};
  for (unsigned letter = 0x20; letter < 0x7F; ++letter) letters[letter] = plain_in_string;
  letters['"'] = letters['\\'] = other;
  for (const char letter : std::string_view("0123456789+-.eE"))
    letters[static_cast<unsigned char>(letter)] |= part_of_number;
  return letters;
}

constexpr std::array<std::uint8_t, 256> letters = make_letters();

const char* skip_letters(const char* at, const char* end, Letter wanted) noexcept {
  while (at != end && (letters[static_cast<unsigned char>(*at)] & wanted)) ++at;
  return at;
}

/// Reads `"name"`; the bytes behind the end are there, and what they hold shows up later.
bool skip_name(const char*& at, std::string_view quoted_name) noexcept {
  if (std::memcmp(at, quoted_name.data(), quoted_name.size()) != 0) return false;
  at += quoted_name.size();
  return true;
}

}  // namespace

const char* scan_usual_value(const char* at, const char* end, Token& token) noexcept {
  if (token.kind != Token::Kind::absent || at == end) return nullptr;
  token.kind = Token::Kind::raw;
  if (*at == '"') {
    const char* const begin = at + 1;
    at = skip_letters(begin, end, plain_in_string);
    if (at == end || *at != '"') return nullptr;
    token.value = {RawValue::Kind::string, {begin, static_cast<std::size_t>(at - begin)}};
    return at + 1;
  }
  if (*at == 't' || *at == 'f') {
    const std::string_view word = *at == 't' ? "true" : "false";
    if (std::memcmp(at, word.data(), word.size()) != 0) return nullptr;
    token.value = {*at == 't' ? RawValue::Kind::boolean_true : RawValue::Kind::boolean_false, {}};
    return at + word.size();
  }
  const char* const begin = at;
  at = skip_letters(at, end, part_of_number);
  token.value = {RawValue::Kind::number, {begin, static_cast<std::size_t>(at - begin)}};
  return is_json_number(token.value.text) ? at : nullptr;
}

const char* scan_usual_reading(const char* at, const char* end, RawReading& reading) noexcept {
  if (at == end || *at != '{') return nullptr;
  for (;;) {
    at = skip_space(at + 1, end);
    Token* token = nullptr;
    if (skip_name(at, "\"sensor_id\"")) {
      token = &reading.sensor_id;
    } else if (skip_name(at, "\"timestamp\"")) {
      token = &reading.timestamp;
    } else if (skip_name(at, "\"value\"")) {
      token = &reading.value;
    } else {
      return nullptr;
    }
    if (at >= end) return nullptr;
    at = skip_space(at, end);
    if (at == end || *at != ':') return nullptr;
    at = scan_usual_value(skip_space(at + 1, end), end, *token);
    if (!at || at >= end) return nullptr;
    at = skip_space(at, end);
    if (at == end) return nullptr;
    if (*at == '}') return at + 1;
    if (*at != ',') return nullptr;
  }
}

}  // namespace iot::ingest

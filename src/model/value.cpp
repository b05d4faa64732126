#include "model/value.h"

#include <array>
#include <bit>
#include <charconv>

#include "base/json_writer.h"
#include "base/time_text.h"
#include "model/reading_id.h"

namespace iot::model {
namespace {

void append_integer(std::string& out, std::int64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_date(std::string& out, std::int64_t ns) {
  constexpr std::int64_t ns_per_millisecond = 1'000'000;
  out += '"';
  append_timestamp(out, Timestamp{ns},
                   ns % ns_per_millisecond == 0 ? FractionDigits::milliseconds : FractionDigits::nanoseconds);
  out += '"';
}

/// Six bits, or 64 if the character is not of the alphabet.
unsigned sextet(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 26;
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0') + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : 64;
}

}  // namespace

void append_value_json(std::string& out, MappingType mapping, double value) {
  JsonWriter writer(out);
  if (mapping == MappingType::single_precision) {
    writer.real(static_cast<float>(value));
  } else {
    writer.real(value);
  }
}

void append_value_json(std::string& out, MappingType mapping, std::int64_t value) {
  switch (mapping) {
    case MappingType::boolean:
      out += value != 0 ? "true" : "false";
      return;
    case MappingType::date:
      append_date(out, value);
      return;
    default:
      append_integer(out, value);
  }
}

void append_value_json(std::string& out, MappingType mapping, std::string_view value) {
  if (mapping == MappingType::geo_point || mapping == MappingType::object) {
    out += value;
  } else {
    append_json_string(out, value);
  }
}

void append_value_json(std::string& out, MappingType mapping, const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) {
    append_value_json(out, mapping, *real);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    append_value_json(out, mapping, *integer);
  } else {
    append_value_json(out, mapping, std::string_view(*std::get_if<std::string>(&value)));
  }
}

std::optional<Timestamp> time_of_reading_id(std::string_view id) noexcept {
  if (id.size() != reading_id_length) return {};
  std::uint64_t ns = 0;
  for (std::size_t index = 0; index < reading_id_length; ++index) {
    const unsigned bits = sextet(id[index]);
    if (bits == 64) return {};
    // Ten characters are 60 bits; the eleventh gives the last four.
    if (index < 10) ns = ns << 6 | bits;
    if (index == 10) ns = ns << 4 | bits >> 2;
  }
  if (ns >> 63 != 0) return {};
  return Timestamp{static_cast<std::int64_t>(ns)};
}

}  // namespace iot::model

#include "live/position.h"

#include <charconv>

namespace iot::live {

namespace {

template <class Number>
bool parse_number(std::string_view text, Number& number) noexcept {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end && !text.empty();
}

}  // namespace

std::string Position::to_string() const {
  return std::to_string(record.value) + "." + std::to_string(readings);
}

std::optional<Position> parse_position(std::string_view text) noexcept {
  Position position;
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || !parse_number(text.substr(0, dot), position.record.value) ||
      !parse_number(text.substr(dot + 1), position.readings)) {
    return {};
  }
  return position;
}

}  // namespace iot::live

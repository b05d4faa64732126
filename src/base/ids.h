// Names of things in the registry: 64-bit numbers, never mixed up with each other or with counts.
//
// On the wire they are decimal strings ("4"); in requests a JSON integer is accepted too.
#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace iot {

template <class Tag>
struct Id {
  std::int64_t value = 0;

  constexpr auto operator<=>(const Id&) const = default;
  std::string to_string() const { return std::to_string(value); }
};

using UserId = Id<struct UserTag>;
using DeviceId = Id<struct DeviceTag>;
/// Unique over all devices, so that a sensor is named by it alone.
using SensorId = Id<struct SensorTag>;
using ConsumerId = Id<struct ConsumerTag>;

/// The first user, who may do everything. The number is the original platform's.
inline constexpr UserId root_user{-1};

/// The id in its canonical decimal form ("4", "-1"; not "04", "+4", " 4"), or nothing.
template <class IdType>
std::optional<IdType> parse_id(std::string_view text) noexcept {
  IdType id;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id.value);
  const std::string_view digits = !text.empty() && text[0] == '-' ? text.substr(1) : text;
  if (error != std::errc{} || stop != end || digits.empty() || (digits[0] == '0' && text.size() > 1)) return {};
  return id;
}

}  // namespace iot

template <class Tag>
struct std::hash<iot::Id<Tag>> {
  std::size_t operator()(iot::Id<Tag> id) const noexcept {
    // Fibonacci hashing: ids are consecutive, and tables mask the low bits.
    return static_cast<std::size_t>(static_cast<std::uint64_t>(id.value) * 0x9E3779B97F4A7C15u >> 7);
  }
};

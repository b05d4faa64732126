// How numbers stand in the chunk database's keys, so that bytes compare as the numbers do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace iot::store {

inline constexpr std::uint64_t key_sign_bit = std::uint64_t{1} << 63;

inline void put_big(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

/// Of eight bytes or more.
inline std::uint64_t load_big(std::string_view bytes) noexcept {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

constexpr std::uint64_t ordered(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value) ^ key_sign_bit;
}
constexpr std::int64_t unordered(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value ^ key_sign_bit);
}

inline std::string sensor_key(char prefix, SensorId sensor) {
  std::string key(1, prefix);
  put_big(key, ordered(sensor.value));
  return key;
}

/// Of a key that sensor_key() began.
inline SensorId sensor_of_key(std::string_view key) noexcept {
  return {unordered(load_big(key.substr(1)))};
}

}  // namespace iot::store

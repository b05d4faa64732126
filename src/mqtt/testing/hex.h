// Packets in tests as they stand in the standard: hexadecimal digits, with spaces wherever it reads better.
#pragma once

#include <string>
#include <string_view>

namespace iot::mqtt::testing {

/// The bytes of "82 06 1234"; digits alone matter, an odd last one is left out.
inline std::string bytes_of(std::string_view hex) {
  std::string bytes;
  int high = -1;
  for (const char letter : hex) {
    const int digit = letter >= '0' && letter <= '9'   ? letter - '0'
                      : letter >= 'A' && letter <= 'F' ? letter - 'A' + 10
                      : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10
                                                       : -1;
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

inline std::string hex_of(std::string_view bytes) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string hex;
  for (const char byte : bytes) {
    hex.push_back(digits[static_cast<unsigned char>(byte) >> 4]);
    hex.push_back(digits[static_cast<unsigned char>(byte) & 0x0F]);
  }
  return hex;
}

}  // namespace iot::mqtt::testing

#include "rows/time_column.h"

#include <cstring>

#include "base/time_text.h"

namespace iot::rows {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t ns_per_day = 86'400 * ns_per_second;

struct TwoDigits {
  char text[200];
  constexpr TwoDigits() : text() {
    for (int i = 0; i < 100; ++i) {
      text[2 * i] = static_cast<char>('0' + i / 10);
      text[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
  }
};
constexpr TwoDigits two_digits;

void put_two(char* to, std::uint32_t value) noexcept {
  std::memcpy(to, two_digits.text + 2 * value, 2);
}

}  // namespace

void TimeColumn::append(std::string& out, Timestamp time) {
  // Readings are never before 1970, but dates that they carry may be.
  if (time.ns < 0) {
    out += format_timestamp(time);
    return;
  }
  const std::int64_t day = time.ns / ns_per_day;
  if (day != day_) {
    day_ = day;
    text_ = format_timestamp({day * ns_per_day});
  }
  const std::int64_t of_day = time.ns - day * ns_per_day;
  const auto second = static_cast<std::uint32_t>(of_day / ns_per_second);
  auto fraction = static_cast<std::uint32_t>(of_day % ns_per_second);
  char* const text = text_.data();
  put_two(text + 11, second / 3600);
  put_two(text + 14, second / 60 % 60);
  put_two(text + 17, second % 60);
  // Nine digits: four pairs from the right, and one.
  for (int at = 27; at >= 21; at -= 2) {
    put_two(text + at, fraction % 100);
    fraction /= 100;
  }
  text[20] = static_cast<char>('0' + fraction);
  out += text_;
}

}  // namespace iot::rows

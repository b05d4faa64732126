#include "bench/readings.h"

#include <algorithm>

#include "base/time_text.h"

namespace iot::bench {
namespace {

constexpr std::size_t time_digits = 19;
constexpr std::string_view time_blank = "0000000000000000000";
// Four digits before the point and two after it: a walk that stays between has always the same length.
constexpr std::string_view value_blank = "0000.00";
constexpr std::uint32_t walk_min = 100'000, walk_max = 999'999;

void write_digits(char* to, std::size_t count, std::uint64_t number) noexcept {
  for (std::size_t i = count; i > 0; --i, number /= 10) to[i - 1] = static_cast<char>('0' + number % 10);
}

bool is_digit(char letter) noexcept {
  return letter >= '0' && letter <= '9';
}

}  // namespace

ReadingPayload::ReadingPayload(std::string_view sensor, std::size_t count, const ReadingTimes& times)
    : time_ns_(times.begin_ns +
               static_cast<std::int64_t>(static_cast<double>(spacing_ns) * static_cast<double>(times.connection) /
                                         static_cast<double>(times.connections))),
      random_(times.connection * 2'654'435'761u + 88'172'645'463'325'252u) {
  if (count > 1) text_ += '[';
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text_ += ',';
    text_.append(R"({"sensor_id":")").append(sensor).append(R"(","timestamp":)");
    times_at_.push_back(text_.size());
    text_.append(time_blank).append(R"(,"value":)");
    values_at_.push_back(text_.size());
    text_.append(value_blank).append("}");
  }
  if (count > 1) text_ += ']';
}

void ReadingPayload::next() noexcept {
  for (std::size_t i = 0; i < times_at_.size(); ++i) {
    write_digits(text_.data() + times_at_[i], time_digits, static_cast<std::uint64_t>(time_ns_));
    write_value(text_.data() + values_at_[i]);
    time_ns_ += spacing_ns;
  }
}

void ReadingPayload::next_at(std::int64_t time_ns) noexcept {
  next();
  write_digits(text_.data() + times_at_.front(), time_digits, static_cast<std::uint64_t>(time_ns));
}

void ReadingPayload::write_value(char* digits) noexcept {
  random_ = random_ * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
  walk_ = std::clamp(walk_ + static_cast<std::uint32_t>(random_ >> 60) - 8, walk_min, walk_max);
  write_digits(digits, 4, walk_ / 100);
  write_digits(digits + 5, 2, walk_ % 100);
}

std::int64_t time_in(std::string_view payload) noexcept {
  std::int64_t number = 0;
  std::size_t digits = 0;
  for (std::size_t i = 0; i <= payload.size(); ++i) {
    if (i < payload.size() && is_digit(payload[i])) {
      if (digits < time_digits) number = number * 10 + (payload[i] - '0');
      ++digits;
      continue;
    }
    if (digits == time_digits) return number;
    digits = 0;
    number = 0;
  }
  constexpr std::string_view name = R"("timestamp":")";
  const auto at = payload.find(name);
  if (at == std::string_view::npos) return -1;
  const auto text = payload.substr(at + name.size());
  const auto time = parse_rfc3339(text.substr(0, text.find('"')));
  return time ? time->ns : -1;
}

}  // namespace iot::bench

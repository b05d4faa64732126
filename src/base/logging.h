// Structured logs: a fixed sentence that can be searched for, and fields that vary.
//
//   log_info("listening", {{"service", "http"}, {"address", address}});
//
// One JSON object a line (or key=value text) on standard error. Any thread. Never log a token, a password or a key.
// Not to be confused with the event log (log/event_log.h).
#pragma once

#include <concepts>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace iot {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { text, json };

struct LogField {
  LogField(std::string_view name, std::string_view text) : key(name), value(text), is_text(true) {}
  LogField(std::string_view name, const char* text) : LogField(name, std::string_view(text)) {}
  LogField(std::string_view name, const std::string& text) : LogField(name, std::string_view(text)) {}
  LogField(std::string_view name, bool flag) : key(name), value(flag ? "true" : "false") {}
  template <class Number>
    requires((std::integral<Number> || std::floating_point<Number>) && !std::same_as<Number, bool>)
  LogField(std::string_view name, Number number) : key(name), value(std::to_string(number)) {}

  std::string_view key;
  std::string value;
  bool is_text = false;
};

using LogFields = std::initializer_list<LogField>;

void set_log_format(LogFormat format);
void set_log_level(LogLevel level);
std::string_view to_string(LogLevel level) noexcept;
std::optional<LogLevel> parse_log_level(std::string_view name) noexcept;

void write_log(LogLevel level, std::string_view message, LogFields fields = {});

inline void log_debug(std::string_view message, LogFields fields = {}) {
  write_log(LogLevel::debug, message, fields);
}
inline void log_info(std::string_view message, LogFields fields = {}) {
  write_log(LogLevel::info, message, fields);
}
inline void log_warning(std::string_view message, LogFields fields = {}) {
  write_log(LogLevel::warning, message, fields);
}
inline void log_error(std::string_view message, LogFields fields = {}) {
  write_log(LogLevel::error, message, fields);
}

}  // namespace iot

#include "base/logging.h"

#include <atomic>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/time_text.h"

namespace iot {
namespace {

std::atomic<LogFormat> format{LogFormat::text};

spdlog::logger& logger() {
  // Lives until the process ends: threads may log while static objects are destroyed.
  static spdlog::logger* const instance = [] {
    auto* made = new spdlog::logger("iotplatform", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string as_json(LogLevel level, std::string_view message, LogFields fields) {
  std::string line;
  JsonWriter json(line);
  json.begin_object().key("time").string(format_timestamp(system_clock().now(), FractionDigits::milliseconds));
  json.key("level").string(to_string(level)).key("message").string(message);
  for (const auto& field : fields) {
    json.key(field.key);
    field.is_text ? json.string(field.value) : json.raw(field.value);
  }
  json.end_object();
  return line;
}

std::string as_text(LogLevel level, std::string_view message, LogFields fields) {
  std::string line = format_timestamp(system_clock().now(), FractionDigits::milliseconds);
  line += ' ';
  line += to_string(level);
  line += ' ';
  line += message;
  for (const auto& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    // Quoted where it could be taken for two fields or for another line.
    const bool quoted =
        field.is_text && (field.value.empty() || field.value.find_first_of(" \"=\n\r\t") != std::string::npos);
    quoted ? append_json_string(line, field.value) : void(line += field.value);
  }
  return line;
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "info";
}

void set_log_format(LogFormat chosen) {
  format = chosen;
}
void set_log_level(LogLevel level) {
  logger().set_level(to_spdlog(level));
}

std::optional<LogLevel> parse_log_level(std::string_view name) noexcept {
  for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (to_string(level) == name) return level;
  }
  return {};
}

void write_log(LogLevel level, std::string_view message, LogFields fields) {
  const auto severity = to_spdlog(level);
  if (!logger().should_log(severity)) return;
  const auto line =
      format.load() == LogFormat::json ? as_json(level, message, fields) : as_text(level, message, fields);
  logger().log(severity, "{}", line);
}

}  // namespace iot

// The text forms of settings' values: how each kind is read, shown, and described to the person who got it wrong.
//
// Each kind has parse(text) -> optional, show(value) and allowed().
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/settings.h"

namespace iot::server {

/// A whole decimal number in [low, high].
struct NumberValue {
  std::uint64_t low, high;

  std::optional<std::uint64_t> parse(std::string_view text) const {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < low || number > high) return {};
    return number;
  }
  std::string show(std::uint64_t number) const { return std::to_string(number); }
  std::string allowed() const { return "a number from " + std::to_string(low) + " to " + std::to_string(high); }
};

struct SecondsValue : NumberValue {
  std::optional<std::chrono::seconds> parse(std::string_view text) const {
    const auto number = NumberValue::parse(text);
    if (!number) return {};
    return std::chrono::seconds(*number);
  }
  std::string show(std::chrono::seconds value) const { return std::to_string(value.count()); }
};

struct MillisecondsValue : NumberValue {
  std::optional<std::chrono::milliseconds> parse(std::string_view text) const {
    const auto number = NumberValue::parse(text);
    if (!number) return {};
    return std::chrono::milliseconds(*number);
  }
  std::string show(std::chrono::milliseconds value) const { return std::to_string(value.count()); }
};

/// Bytes, with KiB, MiB, GiB or TiB after the number where one likes.
struct BytesValue {
  std::uint64_t low, high;

  std::optional<std::uint64_t> parse(std::string_view text) const;
  std::string show(std::uint64_t bytes) const;
  std::string allowed() const {
    return "bytes from " + show(low) + " to " + show(high) + " (KiB, MiB, GiB, TiB may follow)";
  }
};

struct PortValue {
  std::optional<Port> parse(std::string_view text) const;
  std::string show(const Port& port) const { return port ? std::to_string(*port) : "off"; }
  std::string allowed() const { return "a port from 1 to 65535, 0 for any free one, or off"; }
};

struct PortsValue {
  std::optional<std::vector<std::uint16_t>> parse(std::string_view text) const;
  std::string show(const std::vector<std::uint16_t>& ports) const;
  std::string allowed() const {
    return "up to 16 ports from 1 to 65535 with commas between, 0 for any free one, or off";
  }
};

struct PathValue {
  std::optional<std::filesystem::path> parse(std::string_view text) const { return std::filesystem::path(text); }
  std::string show(const std::filesystem::path& path) const { return path.string(); }
  std::string allowed() const { return "a path"; }
};

struct AddressValue {
  std::optional<std::string> parse(std::string_view text) const;
  std::string show(const std::string& address) const { return address; }
  std::string allowed() const { return "an IPv4 or IPv6 address of this machine, or localhost"; }
};

struct SwitchValue {
  std::optional<bool> parse(std::string_view text) const;
  std::string show(bool value) const { return value ? "true" : "false"; }
  std::string allowed() const { return "true or false"; }
};

struct ProfileValue {
  std::optional<Profile> parse(std::string_view text) const;
  std::string show(Profile profile) const;
  std::string allowed() const { return "default, demo or conformance"; }
};

struct RolesValue {
  std::optional<std::set<ServerRole>> parse(std::string_view text) const;
  std::string show(const std::set<ServerRole>& roles) const;
  std::string allowed() const { return "core, http, websocket, mqtt and query, with commas between"; }
};

/// Origins of web pages: "https://example.com", with commas between.
struct OriginsValue {
  std::optional<std::vector<std::string>> parse(std::string_view text) const;
  std::string show(const std::vector<std::string>& origins) const;
  std::string allowed() const { return "*, or origins such as https://example.com:8443, with commas between"; }
};

/// The listeners that speak either plainly or TLS.
struct TlsListenersValue {
  std::optional<std::set<std::string>> parse(std::string_view text) const;
  std::string show(const std::set<std::string>& listeners) const;
  std::string allowed() const { return "core, http, websocket and query, with commas between, or none"; }
};

struct EngineValue {
  std::optional<Engine> parse(std::string_view text) const {
    return text == "embedded" ? std::optional(Engine::embedded) : std::nullopt;
  }
  std::string show(Engine) const { return "embedded"; }
  std::string allowed() const { return "embedded"; }
};

struct LogLevelValue {
  std::optional<LogLevel> parse(std::string_view text) const { return parse_log_level(text); }
  std::string show(LogLevel level) const { return std::string(to_string(level)); }
  std::string allowed() const { return "debug, info, warning or error"; }
};

struct LogFormatValue {
  std::optional<LogFormat> parse(std::string_view text) const;
  std::string show(LogFormat format) const { return format == LogFormat::json ? "json" : "text"; }
  std::string allowed() const { return "text or json"; }
};

}  // namespace iot::server

#include "server/setting_values.h"

#include <array>
#include <utility>

#include <boost/asio/ip/address.hpp>

namespace iot::server {
namespace {

constexpr std::array<std::pair<std::string_view, unsigned>, 4> byte_units{
    {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}};
constexpr std::array<std::pair<std::string_view, ServerRole>, 5> role_names{{{"core", ServerRole::core},
                                                                             {"http", ServerRole::http},
                                                                             {"websocket", ServerRole::websocket},
                                                                             {"mqtt", ServerRole::mqtt},
                                                                             {"query", ServerRole::query}}};
constexpr std::array<std::pair<std::string_view, Profile>, 3> profile_names{
    {{"default", Profile::standard}, {"demo", Profile::demo}, {"conformance", Profile::conformance}}};
constexpr std::size_t ports_max = 16;

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto comma = text.find(',');
    parts.push_back(trim(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

template <class Value, std::size_t count>
std::optional<Value> named(const std::array<std::pair<std::string_view, Value>, count>& names, std::string_view text) {
  for (const auto& [name, value] : names) {
    if (name == text) return value;
  }
  return {};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto number = NumberValue{0, 65'535}.parse(text);
  if (!number) return {};
  return static_cast<std::uint16_t>(*number);
}

}  // namespace

std::optional<std::uint64_t> BytesValue::parse(std::string_view text) const {
  unsigned shift = 0;
  for (const auto& [unit, bits] : byte_units) {
    if (text.ends_with(unit)) {
      shift = bits;
      text = trim(text.substr(0, text.size() - unit.size()));
    }
  }
  const auto number = NumberValue{0, ~std::uint64_t{0} >> shift}.parse(text);
  if (!number) return {};
  const std::uint64_t bytes = *number << shift;
  if (bytes < low || bytes > high) return {};
  return bytes;
}

std::string BytesValue::show(std::uint64_t bytes) const {
  for (auto unit = byte_units.rbegin(); unit != byte_units.rend(); ++unit) {
    const std::uint64_t size = std::uint64_t{1} << unit->second;
    if (bytes >= size && bytes % size == 0) return std::to_string(bytes / size) + " " + std::string(unit->first);
  }
  return std::to_string(bytes);
}

std::optional<Port> PortValue::parse(std::string_view text) const {
  if (text == "off") return Port{};
  const auto port = parse_port(text);
  if (!port) return {};
  return Port{*port};
}

std::optional<std::vector<std::uint16_t>> PortsValue::parse(std::string_view text) const {
  std::vector<std::uint16_t> ports;
  if (text == "off") return ports;
  for (const auto part : split(text)) {
    const auto port = parse_port(part);
    if (!port || ports.size() == ports_max) return {};
    ports.push_back(*port);
  }
  return ports;
}

std::string PortsValue::show(const std::vector<std::uint16_t>& ports) const {
  if (ports.empty()) return "off";
  std::string text;
  for (const auto port : ports) text += (text.empty() ? "" : ",") + std::to_string(port);
  return text;
}

std::optional<std::string> AddressValue::parse(std::string_view text) const {
  if (text == "localhost") return "127.0.0.1";
  boost::system::error_code error;
  boost::asio::ip::make_address(std::string(text), error);
  if (error) return {};
  return std::string(text);
}

std::optional<bool> SwitchValue::parse(std::string_view text) const {
  if (text == "true") return true;
  if (text == "false") return false;
  return {};
}

std::optional<Profile> ProfileValue::parse(std::string_view text) const {
  return named(profile_names, text);
}

std::string ProfileValue::show(Profile profile) const {
  for (const auto& [name, value] : profile_names) {
    if (value == profile) return std::string(name);
  }
  return {};
}

std::optional<std::set<ServerRole>> RolesValue::parse(std::string_view text) const {
  std::set<ServerRole> roles;
  for (const auto part : split(text)) {
    const auto role = named(role_names, part);
    if (!role) return {};
    roles.insert(*role);
  }
  return roles;
}

std::string RolesValue::show(const std::set<ServerRole>& roles) const {
  std::string text;
  for (const auto& [name, role] : role_names) {
    if (roles.contains(role)) text += (text.empty() ? "" : ",") + std::string(name);
  }
  return text;
}

std::optional<std::vector<std::string>> OriginsValue::parse(std::string_view text) const {
  std::vector<std::string> origins;
  if (text == "*") return origins;
  for (const auto part : split(text)) {
    // RFC 6454 section 6.2: scheme, host and port, without a path.
    const auto scheme = part.find("://");
    if (scheme == std::string_view::npos || scheme == 0) return {};
    const auto host = part.substr(scheme + 3);
    if (host.empty() || host.find_first_of("/?#@* ") != std::string_view::npos) return {};
    origins.emplace_back(part);
  }
  return origins;
}

std::string OriginsValue::show(const std::vector<std::string>& origins) const {
  if (origins.empty()) return "*";
  std::string text;
  for (const auto& origin : origins) text += (text.empty() ? "" : ",") + origin;
  return text;
}

std::optional<std::set<std::string>> TlsListenersValue::parse(std::string_view text) const {
  static const std::set<std::string, std::less<>> known{"core", "http", "websocket", "query"};
  std::set<std::string> listeners;
  if (text == "none") return listeners;
  for (const auto part : split(text)) {
    if (!known.contains(part)) return {};
    listeners.emplace(part);
  }
  return listeners;
}

std::string TlsListenersValue::show(const std::set<std::string>& listeners) const {
  if (listeners.empty()) return "none";
  std::string text;
  for (const auto& listener : listeners) text += (text.empty() ? "" : ",") + listener;
  return text;
}

std::optional<LogFormat> LogFormatValue::parse(std::string_view text) const {
  if (text == "text") return LogFormat::text;
  if (text == "json") return LogFormat::json;
  return {};
}

}  // namespace iot::server

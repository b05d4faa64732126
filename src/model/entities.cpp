#include "model/entities.h"

#include <algorithm>

namespace iot::model {
namespace {

constexpr std::size_t path_levels_max = 16;
constexpr std::size_t path_level_bytes_max = 128;

bool has_control_character(std::string_view text) noexcept {
  for (std::size_t index = 0; index < text.size(); ++index) {
    const auto byte = static_cast<unsigned char>(text[index]);
    if (byte < 0x20 || byte == 0x7F) return true;
    // U+0080 to U+009F, the second block of control characters, are C2 80 to C2 9F in UTF-8.
    if (byte == 0xC2 && index + 1 < text.size() && static_cast<unsigned char>(text[index + 1]) < 0xA0) return true;
  }
  return false;
}

Error invalid_path(std::string_view reason) {
  return make_error(Errc::invalid_path, "the path " + std::string(reason), "path");
}

}  // namespace

std::string_view to_string(Role role) noexcept {
  switch (role) {
    case Role::read_only:
      return "read-only";
    case Role::user:
      return "user";
    case Role::admin:
      return "admin";
  }
  return "read-only";
}

std::optional<Role> parse_role(std::string_view name) noexcept {
  for (const Role role : {Role::read_only, Role::user, Role::admin}) {
    if (to_string(role) == name) return role;
  }
  return {};
}

std::string index_name(DeviceId device, SensorId sensor) {
  return device.to_string() + '_' + sensor.to_string();
}

Result<std::string> normalise_path(std::string_view path) {
  std::string normal;
  std::size_t levels = 0;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view level = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (level.empty()) continue;
    if (level == "." || level == "..") return invalid_path("may not hold \".\" or \"..\" as a level");
    if (level.size() > path_level_bytes_max) return invalid_path("has a level longer than 128 bytes");
    if (has_control_character(level)) return invalid_path("holds a control character");
    if (++levels > path_levels_max) return invalid_path("has more than 16 levels");
    if (!normal.empty()) normal += '/';
    normal += level;
  }
  return normal;
}

}  // namespace iot::model

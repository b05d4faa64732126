// The program's version, from CMakeLists.txt.
#pragma once

#include <string_view>

namespace iot::server {

inline constexpr std::string_view version = IOT_VERSION;

}  // namespace iot::server

#include "server/settings_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include <CLI/CLI.hpp>

#include "server/settings.h"

namespace iot::server {

Result<std::map<std::string, std::string>> read_settings_file(const std::filesystem::path& file) {
  std::ifstream input(file);
  if (!input) return make_error(Errc::file_unreadable, "the configuration file " + file.string() + " cannot be read");
  const std::string text{std::istreambuf_iterator<char>(input), {}};
  // CLI11 reads past what is no text at all.
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t';
  };
  if (std::ranges::any_of(text, is_control)) {
    return make_error(Errc::file_unreadable, "the configuration file " + file.string() + " is not TOML: it is no text");
  }
  std::istringstream lines(text);
  std::map<std::string, std::string> values;
  try {
    for (const auto& item : CLI::ConfigTOML().from_config(lines)) {
      // CLI11 marks the beginning and end of sections with items of these names.
      if (item.name == "++" || item.name == "--") continue;
      std::string name;
      for (const auto& parent : item.parents) name += parent + ".";
      std::string joined;
      for (const auto& part : item.inputs) joined += (joined.empty() ? "" : ",") + part;
      if (!values.emplace(name + item.name, joined).second) {
        return make_error(Errc::file_unreadable,
                          "the configuration file " + file.string() + " sets " + name + item.name + " twice");
      }
    }
  } catch (const CLI::Error& error) {
    return make_error(Errc::file_unreadable,
                      "the configuration file " + file.string() + " is not TOML: " + error.what());
  }
  return values;
}

}  // namespace iot::server

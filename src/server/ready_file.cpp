#include "server/ready_file.h"

#include <cstdio>
#include <fstream>

#include <unistd.h>

#include "base/json_writer.h"
#include "server/settings.h"

namespace iot::server {

Result<void> write_ready_file(const std::filesystem::path& file, const Readiness& readiness) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("pid").integer(::getpid()).key("version").string(readiness.version);
  json.key("start_ms")
      .integer(readiness.start_ms)
      .key("recovered_readings")
      .unsigned_integer(readiness.recovered_readings);
  json.key("addresses").begin_object();
  for (const auto& [listener, addresses] : readiness.addresses) {
    json.key(listener).begin_array();
    for (const auto& address : addresses) json.string(address);
    json.end_array();
  }
  json.end_object().end_object();
  text += '\n';

  const auto temporary = file.string() + ".new";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out || std::rename(temporary.c_str(), file.c_str()) != 0) {
    return make_error(Errc::start_failed,
                      "the ready file " + file.string() + " cannot be written; change --ready-file");
  }
  return {};
}

}  // namespace iot::server

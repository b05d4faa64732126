#include "server/program_facts.h"

#include <fstream>
#include <system_error>

#include <unistd.h>

#include "server/data_directory.h"

namespace iot::server {
namespace {

/// The second number of proc_pid_statm(5), in pages; 0 where there is no such file.
std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size_pages = 0, resident_pages = 0;
  file >> size_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

std::vector<api::SettingView> settings_to_show(const Configuration& configuration) {
  std::vector<api::SettingView> shown;
  for (std::size_t i = 0; i < configuration.effective.size(); ++i) {
    const EffectiveSetting& effective = configuration.effective[i];
    const Declaration& declared = declarations()[i];
    shown.push_back({.name = effective.name,
                     .value = effective.value,
                     .source = effective.source,
                     .default_value = declared.default_value,
                     .meaning = declared.meaning,
                     .allowed = declared.allowed});
  }
  return shown;
}

Result<api::ProgramFacts> program_facts(const Settings& settings, std::chrono::seconds uptime) {
  std::error_code failed;
  const auto directory = std::filesystem::absolute(settings.data_dir, failed);
  const auto disk = std::filesystem::space(settings.data_dir, failed);
  if (failed) {
    return make_error(Errc::directory_invalid, "the disk of " + settings.data_dir.string() +
                                                   " cannot be asked for its room: " + failed.message());
  }
  return api::ProgramFacts{.uptime = uptime,
                           .data_dir = directory.string(),
                           .memory_bytes = resident_bytes(),
                           .data_bytes = directory_bytes(settings.data_dir),
                           .data_bytes_max = settings.store_disk_bytes_max,
                           .disk_bytes = disk.capacity,
                           .disk_free_bytes = disk.available};
}

}  // namespace iot::server

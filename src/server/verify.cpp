// `iotplatform verify`: reads everything under the data directory, part by part, and says what is damaged.
#include <cstdio>

#include "access/tokens.h"
#include "broker/rocks_session_store.h"
#include "log/embedded/embedded_log.h"
#include "registry/check_database.h"
#include "server/commands.h"
#include "server/data_directory.h"
#include "store/embedded/embedded_store.h"

namespace iot::server {
namespace {

unsigned long long shown(std::uint64_t number) {
  return number;
}

void print_lost(const std::vector<log::PositionRange>& lost) {
  for (const auto& range : lost) {
    std::printf("event log: lost: positions %llu to %llu\n", shown(range.first.value), shown(range.last.value));
  }
}

/// Each part prints what it found and says whether it is whole.
bool verify_registry(const DataDirectory& directory) {
  if (!std::filesystem::exists(directory.registry_file())) return std::printf("registry: none yet\n"), true;
  const auto found = registry::check_database(directory.registry_file());
  std::printf("registry: %s\n", found ? ("whole: " + *found).c_str() : ("DAMAGED: " + found.error().message).c_str());
  return found.has_value();
}

bool verify_log(const DataDirectory& directory) {
  const auto path = directory.log_directory();
  if (!std::filesystem::exists(path)) return std::printf("event log: none yet\n"), true;
  const auto report = log::EmbeddedLog::verify(posix_file_system(), path.string());
  if (!report) return std::printf("event log: cannot be read: %s\n", report.error().message.c_str()), false;
  for (const auto& fault : report->faults) {
    std::printf("event log: DAMAGED: %s at byte %llu: %s\n", fault.path.c_str(), shown(fault.offset),
                fault.what.c_str());
  }
  print_lost(report->lost);
  if (report->torn_bytes > 0) {
    std::printf(
        "event log: %llu bytes at the end were cut short by a crash and never acknowledged; the next start cuts them\n",
        shown(report->torn_bytes));
  }
  std::printf("event log: %s: %llu segments, %llu records, %llu bytes\n", report->is_whole() ? "whole" : "DAMAGED",
              shown(report->segments), shown(report->records), shown(report->bytes));
  return report->is_whole();
}

bool verify_store(const DataDirectory& directory) {
  if (!std::filesystem::exists(directory.store_directory())) return std::printf("store: none yet\n"), true;
  const auto totals = store::EmbeddedStore::verify(directory.store_directory(), [](std::string_view fault) {
    std::printf("store: DAMAGED: %.*s\n", static_cast<int>(fault.size()), fault.data());
  });
  if (!totals) return std::printf("store: cannot be read: %s\n", totals.error().message.c_str()), false;
  std::printf("store: %s: %llu chunks, %llu readings\n", totals->damaged == 0 ? "whole" : "DAMAGED",
              shown(totals->chunks), shown(totals->readings));
  return totals->damaged == 0;
}

bool verify_sessions(const DataDirectory& directory) {
  const auto path = directory.mqtt_directory();
  if (!std::filesystem::exists(path)) return std::printf("MQTT sessions: none yet\n"), true;
  const auto records = broker::RocksSessionStore::verify(path.string());
  if (!records) return std::printf("MQTT sessions: DAMAGED: %s\n", records.error().message.c_str()), false;
  std::printf("MQTT sessions: whole: %llu records\n", shown(*records));
  return true;
}

bool verify_key(const DataDirectory& directory) {
  if (!std::filesystem::exists(directory.key_file())) return std::printf("token key: none yet\n"), true;
  const auto key = access::SigningKey::load(directory.key_file());
  std::printf("token key: %s\n", key ? "whole" : key.error().message.c_str());
  return key.has_value();
}

Result<void> repair_log(const DataDirectory& directory) {
  if (!std::filesystem::exists(directory.log_directory())) return {};
  IOT_TRY(const auto report, log::EmbeddedLog::repair(posix_file_system(), directory.log_directory().string()));
  print_lost(report.lost);
  for (const auto& file : report.set_aside) std::printf("event log: put aside: %s\n", file.c_str());
  std::printf("event log: %llu records kept\n", shown(report.records_kept));
  return {};
}

}  // namespace

Result<int> verify(const CommandLine& line, const Settings& settings) {
  if (!std::filesystem::exists(settings.data_dir)) {
    return make_error(Errc::directory_invalid,
                      "there is no data directory " + settings.data_dir.string() + "; name it with --data-dir");
  }
  IOT_TRY(const auto directory, DataDirectory::open(settings.data_dir));
  if (line.repair) IOT_CHECK(repair_log(directory));
  // All parts are read, also after one was found damaged.
  const bool registry_whole = verify_registry(directory);
  const bool log_whole = verify_log(directory);
  const bool store_whole = verify_store(directory);
  const bool sessions_whole = verify_sessions(directory);
  const bool key_whole = verify_key(directory);
  return registry_whole && log_whole && store_whole && sessions_whole && key_whole ? 0 : 1;
}

}  // namespace iot::server

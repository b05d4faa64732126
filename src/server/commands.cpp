#include "server/commands.h"

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>

#include <unistd.h>

#include "access/passwords.h"
#include "access/tokens.h"
#include "bench/bench.h"
#include "server/bootstrap.h"
#include "server/engines.h"
#include "server/import.h"
#include "server/version.h"

namespace iot::server {
namespace {

/// The engines opened for a command that works on the data directory while no platform runs on it.
struct Offline {
  Metrics metrics;
  std::unique_ptr<Engines> engines;

  ~Offline() {
    if (engines) engines->stop();
  }
};

Result<std::unique_ptr<Offline>> open_offline(const Settings& settings) {
  if (!std::filesystem::exists(settings.data_dir)) {
    return make_error(Errc::directory_invalid,
                      "there is no data directory " + settings.data_dir.string() + "; name it with --data-dir");
  }
  // What was recovered and closed is of no interest to who asked for something else.
  set_log_level(LogLevel::warning);
  auto offline = std::make_unique<Offline>();
  IOT_TRY(auto directory, DataDirectory::open(settings.data_dir));
  IOT_TRY(offline->engines, Engines::open(settings, std::move(directory), offline->metrics, system_clock(), [] {}));
  return offline;
}

/// A bar on a terminal; nothing elsewhere until the end.
class ProgressLine {
 public:
  ProgressLine(std::string doing, std::uint64_t bytes_total) : doing_(std::move(doing)), bytes_total_(bytes_total) {}

  void show(const TransferProgress& progress) {
    const auto now = system_clock().steady_now();
    if (!is_terminal_ || now - shown_ < std::chrono::milliseconds(100)) return;
    shown_ = now;
    std::fprintf(stderr, "\r%s %s%llu readings, %.0f a second ", doing_.c_str(), bar(progress.bytes).c_str(),
                 static_cast<unsigned long long>(progress.readings), rate(progress));
  }

  void finish(const TransferProgress& progress) {
    std::fprintf(stderr, "%s%s %llu readings in %.1f s, %.0f a second\n", is_terminal_ ? "\r\033[K" : "",
                 doing_.c_str(), static_cast<unsigned long long>(progress.readings), elapsed_s(), rate(progress));
  }

 private:
  std::string bar(std::uint64_t bytes) const {
    if (bytes_total_ == 0) return "";
    constexpr std::size_t width = 30;
    const double share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(bytes_total_));
    const auto filled = static_cast<std::size_t>(share * width);
    return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] " +
           std::to_string(static_cast<int>(share * 100)) + " % ";
  }

  double elapsed_s() const { return std::chrono::duration<double>(system_clock().steady_now() - start_).count(); }
  double rate(const TransferProgress& progress) const {
    return static_cast<double>(progress.readings) / std::max(elapsed_s(), 1e-3);
  }

  std::string doing_;
  std::uint64_t bytes_total_;
  bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
  Clock::Steady start_ = system_clock().steady_now();
  Clock::Steady shown_{};
};

Result<access::Identity> identity_of(const registry::Snapshot& snapshot, const std::string& kind,
                                     const std::string& subject) {
  access::Identity identity;
  std::optional<std::uint64_t> key_version;
  if (const auto id = parse_id<DeviceId>(subject); id && kind == "device") {
    if (const auto* entry = snapshot.devices.find(*id)) key_version = entry->key_version;
    identity.audience = access::Audience::device;
    identity.subject = id->value;
  } else if (id && kind == "consumer") {
    if (const auto* entry = snapshot.consumers.find(ConsumerId{id->value})) key_version = entry->key_version;
    identity.audience = access::Audience::consumer;
    identity.subject = id->value;
  } else if (id && kind == "user") {
    if (const auto* entry = snapshot.users.find(UserId{id->value})) key_version = entry->key_version;
    identity.audience = access::Audience::user;
    identity.subject = id->value;
  }
  if (!key_version) return make_error(Errc::usage, "there is no " + kind + " with the id " + subject);
  identity.key_version = *key_version;
  return identity;
}

}  // namespace

int print_version() {
  std::printf("iotplatform %s\n", std::string(version).c_str());
  return 0;
}

Result<int> print_configuration(const CommandLine& line) {
  if (line.markdown) {
    std::fputs(settings_as_markdown().c_str(), stdout);
    return 0;
  }
  IOT_TRY(const auto configuration, configure(line.layers));
  std::string section;
  for (const auto& setting : configuration.effective) {
    const auto dot = setting.name.find('.');
    if (setting.name.substr(0, dot) != section) {
      std::printf("%s[%s]\n", section.empty() ? "" : "\n", setting.name.substr(0, dot).c_str());
      section = setting.name.substr(0, dot);
    }
    std::printf("%s = \"%s\"  # %s\n", setting.name.substr(dot + 1).c_str(), setting.value.c_str(),
                setting.source.c_str());
  }
  return 0;
}

Result<int> compact(const Settings& settings) {
  IOT_TRY(const auto offline, open_offline(settings));
  IOT_CHECK(offline->engines->store().flush());
  IOT_CHECK(offline->engines->store().compact());
  std::printf("the store has %llu bytes\n",
              static_cast<unsigned long long>(directory_bytes(offline->engines->directory().store_directory())));
  return 0;
}

Result<int> import_file(const CommandLine& line, const Settings& settings) {
  std::ifstream file;
  std::error_code unknown;
  std::uint64_t bytes = 0;
  if (line.path != "-") {
    file.open(line.path, std::ios::binary);
    if (!file) return make_error(Errc::usage, "the file " + line.path + " cannot be read");
    bytes = std::filesystem::file_size(line.path, unknown);
    if (unknown) bytes = 0;
  }
  IOT_TRY(const auto offline, open_offline(settings));
  auto& engines = *offline->engines;
  ProgressLine progress("imported", bytes);
  IOT_TRY(const auto done, import_readings(line.path == "-" ? std::cin : file, readings_format(line.format, line.path),
                                           engines.registry(), engines.log(), system_clock(),
                                           [&](const auto& now) { progress.show(now); }));
  progress.finish(done);
  return 0;
}

Result<int> export_to_output(const CommandLine& line, const Settings& settings) {
  IOT_TRY(const auto offline, open_offline(settings));
  ProgressLine progress("exported", 0);
  IOT_TRY(const auto done,
          export_readings(std::cout, readings_format(line.format, ""), line.indices, offline->engines->registry(),
                          offline->engines->store(), [&](const auto& now) { progress.show(now); }));
  progress.finish(done);
  return 0;
}

Result<int> print_token(const CommandLine& line, const Settings& settings) {
  IOT_TRY(const auto offline, open_offline(settings));
  IOT_TRY(const auto identity, identity_of(*offline->engines->registry().snapshot(), line.kind, line.subject));
  IOT_TRY(auto key, load_or_create_key(offline->engines->directory().key_file()));
  access::Tokens tokens({}, system_clock());
  tokens.set_key(std::move(key));
  const auto lifetime =
      identity.audience == access::Audience::user ? std::optional(settings.user_token_s) : std::nullopt;
  IOT_TRY(const auto token, tokens.issue(identity, lifetime));
  std::printf("%s\n", token.c_str());
  return 0;
}

Result<int> run_bench(const CommandLine& line) {
  IOT_TRY(const auto report, bench::run(line.bench));
  std::fputs((line.bench.json ? bench::as_json(report) + "\n" : bench::as_text(report)).c_str(), stdout);
  return report.is_good() ? 0 : 1;
}

Result<int> change_password(const CommandLine& line, const Settings& settings) {
  IOT_TRY(const auto offline, open_offline(settings));
  const std::string username = line.subject.empty() ? "root" : line.subject;
  const std::string password = access::Passwords::generate();
  IOT_CHECK(set_password(offline->engines->registry(), access::Passwords(), username, password));
  std::printf("%s\n", password.c_str());
  return 0;
}

}  // namespace iot::server

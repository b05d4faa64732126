// iotplatform: an IoT platform in one program. See README.md.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/logging.h"
#include "server/command_line.h"
#include "server/commands.h"
#include "server/platform.h"

namespace iot::server {
namespace {

/// Each connection is an open file, and shells allow a thousand: whatever may be had is taken.
void allow_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    log_warning("the limit of open files stays low; raise it with `ulimit -n`", {{"reason", std::strerror(errno)}});
  }
}

Result<int> serve(const CommandLine& line, const Configuration& configuration, Clock::Steady process_start) {
  allow_open_files();
  set_log_level(configuration.settings.log_level);
  set_log_format(configuration.settings.log_format);
  IOT_TRY(const auto platform, Platform::start(configuration, process_start));
  platform->run_until_signal([&] { return configure(line.layers); });
  return 0;
}

Result<int> run(const CommandLine& line, Clock::Steady process_start) {
  if (line.command == Command::version) return print_version();
  if (line.command == Command::config) return print_configuration(line);
  if (line.command == Command::bench) return run_bench(line);
  IOT_TRY(const auto configuration, configure(line.layers));
  const Settings& settings = configuration.settings;
  switch (line.command) {
    case Command::serve:
      return serve(line, configuration, process_start);
    case Command::verify:
      return verify(line, settings);
    case Command::backup:
      return back_up(line, settings);
    case Command::restore:
      return restore(line, settings);
    case Command::compact:
      return compact(settings);
    case Command::import:
      return import_file(line, settings);
    case Command::export_:
      return export_to_output(line, settings);
    case Command::token:
      return print_token(line, settings);
    case Command::password:
      return change_password(line, settings);
    case Command::bench:
    case Command::config:
    case Command::version:
      break;
  }
  return 0;
}

}  // namespace
}  // namespace iot::server

int main(int count, char** arguments) {
  using namespace iot;
  const auto process_start = system_clock().steady_now();
  // A peer that goes away is an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  // So is a limit on the size of files: it reads as a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  // One heap for each of many threads would keep what each once needed; a few serve as well.
  ::mallopt(M_ARENA_MAX, 4);
  const auto parsed = server::parse_command_line(count, arguments, environ);
  if (parsed && !parsed->command) {
    std::fputs(parsed->help.c_str(), stdout);
    return 0;
  }
  const auto status = parsed ? server::run(*parsed->command, process_start) : Result<int>(parsed.error());
  if (status) return *status;
  std::fprintf(stderr, "iotplatform: %s\n", status.error().message.c_str());
  return failure_of(status.error()) == Failure::invalid ? 2 : 1;
}

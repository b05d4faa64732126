#include "bench/process_usage.h"

#include <fstream>
#include <sstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

#include "bench/errc.h"

namespace iot::bench {
namespace {

Result<std::ifstream> open_proc(int pid, const char* name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
  if (!file) return make_error(Errc::no_such_process, "there is no process " + std::to_string(pid) + "; see --pid");
  return file;
}

Result<double> cpu_seconds_of(int pid) {
  IOT_TRY(auto file, open_proc(pid, "stat"));
  std::string line;
  std::getline(file, line);
  // The name, in parentheses, may hold anything; user and system time are the twelfth and thirteenth words after it.
  std::istringstream rest(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) rest >> skipped;
  double user = 0, system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

Result<double> cpu_seconds(const std::vector<int>& pids) {
  double sum = 0;
  for (const int pid : pids) {
    IOT_TRY(const double one, cpu_seconds_of(pid));
    sum += one;
  }
  return sum;
}

double own_cpu_seconds() noexcept {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Result<MemoryUsage> memory_of(const std::vector<int>& pids) {
  MemoryUsage memory;
  for (const int pid : pids) {
    IOT_TRY(auto file, open_proc(pid, "status"));
    for (std::string name, rest; file >> name && std::getline(file, rest);) {
      if (name == "VmRSS:") memory.resident_bytes += std::stoull(rest) * 1024;
      if (name == "RssAnon:") memory.anonymous_bytes += std::stoull(rest) * 1024;
    }
  }
  return memory;
}

Result<void> allow_open_files(std::uint64_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return {};
  limit.rlim_cur = count;
  // Only root may go past the hard limit.
  if (limit.rlim_max < count) limit.rlim_max = count;
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
  return make_error(Errc::options,
                    std::to_string(count) + " open files are needed and not allowed; raise the limit with `ulimit -n`");
}

}  // namespace iot::bench

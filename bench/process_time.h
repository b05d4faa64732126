// What a server's process has used, for load generators that are compiled by themselves.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

/// CPU seconds of a process so far, user and system, all threads.
inline double cpu_seconds(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream rest(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) rest >> skipped;
  double user = 0, system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

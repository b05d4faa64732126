// What the program was asked to do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/failure.h"
#include "bench/options.h"
#include "server/settings.h"

namespace iot::server {

enum class Command {
  serve,
  config,
  verify,
  backup,
  restore,
  import,
  export_,
  compact,
  token,
  password,
  bench,
  version
};

struct CommandLine {
  Command command = Command::serve;
  Layers layers;
  /// verify: keep what is whole and list what is lost.
  bool repair = false;
  /// config: the table of all settings for the documentation.
  bool markdown = false;
  /// backup, restore: the directory; import: the file ("-" for standard input).
  std::string path;
  /// import, export: "csv" or "jsonl"; empty: by the file's name, else CSV.
  std::string format;
  /// export: only these indices ("3_4"); empty: all.
  std::vector<std::string> indices;
  /// token: "device", "consumer" or "user", and the id; password: the user name.
  std::string kind, subject;
  /// bench: what to measure.
  bench::Options bench;
};

/// Reads the command line and the environment. Errc::usage; or, as text to print and exit with 0, what --help asked
/// for.
struct ParsedCommandLine {
  std::optional<CommandLine> command;
  std::string help;
};
Result<ParsedCommandLine> parse_command_line(int count, const char* const* arguments, char** environment);

}  // namespace iot::server

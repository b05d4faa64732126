// The commands of the program besides `serve`. Each prints for people on standard output and returns the exit status;
// an error is for main to print.
#pragma once

#include "base/failure.h"
#include "server/command_line.h"
#include "server/settings.h"

namespace iot::server {

int print_version();
Result<int> print_configuration(const CommandLine& line);
Result<int> verify(const CommandLine& line, const Settings& settings);
Result<int> back_up(const CommandLine& line, const Settings& settings);
Result<int> restore(const CommandLine& line, const Settings& settings);
Result<int> compact(const Settings& settings);
Result<int> import_file(const CommandLine& line, const Settings& settings);
Result<int> export_to_output(const CommandLine& line, const Settings& settings);
Result<int> print_token(const CommandLine& line, const Settings& settings);
/// Needs no data directory: it is a client.
Result<int> run_bench(const CommandLine& line);
Result<int> change_password(const CommandLine& line, const Settings& settings);

}  // namespace iot::server

// The platform as one process: everything that `iotplatform serve` starts, in order, and stops again.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/failure.h"
#include "server/settings.h"

namespace iot::server {

class Platform {
 public:
  /// Opens the data directory, recovers, and listens. When it returns every listener accepts and the ready file (if
  /// asked for) is there. What takes longer, at a first start, goes on behind (server/bootstrap.h).
  static Result<std::unique_ptr<Platform>> start(const Configuration& configuration, Clock::Steady process_start);
  virtual ~Platform() = default;

  /// Waits for SIGTERM or SIGINT (SIGHUP: `reload` gives the settings whose log level and TLS files are taken
  /// over), then stops accepting, finishes what was begun within server.shutdown_s, and closes everything.
  virtual void run_until_signal(std::function<Result<Configuration>()> reload) = 0;
};

}  // namespace iot::server

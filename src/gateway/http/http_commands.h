// Commands over HTTP, for devices that keep no connection:
//
//   GET /commands?wait=30&after=17    a long poll: {"commands":[...]}, at once if any wait, else when one comes or
//   after
//                                     `wait` seconds (60 at most; 0 if absent); everything up to `after` was received
//   POST /commands/17/response        the device's answer, of any content
#pragma once

#include "base/clock.h"
#include "gateway/commands.h"
#include "net/http.h"

namespace iot::gateway {

class HttpCommands {
 public:
  /// Both must outlive the object.
  HttpCommands(Commands& commands, const Clock& clock) noexcept : commands_(commands), clock_(clock) {}

  static bool serves(std::string_view path) noexcept { return path == "/commands" || path.starts_with("/commands/"); }

  /// Who asks, and how that is known.
  struct Caller {
    DeviceId device;
    std::optional<Fingerprint> certificate;  ///< nothing: by a token
    std::uint64_t registry_version = 0;      ///< of the snapshot that was looked at
  };
  /// Answers a request of a device whose token or certificate was good.
  void handle(net::HttpExchange& exchange, const Caller& caller);

 private:
  void poll(net::HttpExchange& exchange, const Caller& caller);
  void respond(net::HttpExchange& exchange, DeviceId device, registry::CommandId command);

  Commands& commands_;
  const Clock& clock_;
};

}  // namespace iot::gateway

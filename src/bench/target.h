// Where the load goes to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/failure.h"

namespace iot::bench {

struct Target {
  /// Both in network order, for a sockaddr_in.
  std::uint32_t host = 0;
  std::uint16_t port = 0;
  /// "127.0.0.1:1883"
  std::string text;
  /// Where connections come from, in network order; 0: wherever the system says.
  std::uint32_t source = 0;

  bool is_loopback() const noexcept;
};

/// "127.0.0.1:1883" or "localhost:1883", IPv4 alone. Errc::options.
Result<Target> parse_target(std::string_view text);

/// How many connections one source is good for. The usual range of local ports has 28,232, but the system tries those
/// of one parity first and looks at hundreds for each connection when most of them are taken.
inline constexpr std::size_t connections_per_source = 10'000;

/// The target as the n-th connection of very many sees it: on loopback from 127.0.0.1, 127.0.0.2, ... in turn, so that
/// local ports do not run out.
Target spread_over_sources(Target target, std::size_t n, std::size_t connections);

}  // namespace iot::bench

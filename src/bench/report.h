// What a measurement found, for people and for programs.
#pragma once

#include <optional>
#include <string>

#include "bench/options.h"
#include "bench/tally.h"

namespace iot::bench {

/// What is stored, compared with what was acknowledged.
struct Verification {
  std::uint64_t stored = 0;
  /// Readings that were acknowledged, and those that were sent: what is stored lies between.
  std::uint64_t acknowledged = 0;
  std::uint64_t sent = 0;

  bool is_good() const noexcept { return stored >= acknowledged && stored <= sent; }
};

/// The cost of connections that do nothing.
struct IdleCost {
  std::size_t connections = 0;
  std::int64_t resident_bytes_each = 0;
  std::int64_t anonymous_bytes_each = 0;
};

struct Report {
  Options options;
  Tally tally;
  double seconds = 0;
  /// From the first attempt to connect until all were let in.
  double open_seconds = 0;
  std::optional<double> server_cpu_s;
  double own_cpu_s = 0;
  std::optional<Verification> verification;
  std::optional<IdleCost> idle;
  std::optional<double> reconnect_seconds;

  /// Whether everything that was asked for was done, and --verify found it so.
  bool is_good() const noexcept;
};

std::string as_text(const Report& report);
/// One object. Durations have their unit in their name; docs/bench.md describes each member.
std::string as_json(const Report& report);

}  // namespace iot::bench

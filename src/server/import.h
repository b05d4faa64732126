// `iotplatform import` and `export`: many readings from and to text, past the gateways but through the same decoder and
// log.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/failure.h"
#include "log/event_log.h"
#include "registry/registry.h"
#include "server/readings_text.h"
#include "store/reading_store.h"

namespace iot::server {

struct TransferProgress {
  std::uint64_t bytes = 0;     ///< read or written so far
  std::uint64_t readings = 0;  ///< durable, or written
};
/// Called now and then.
using OnProgress = std::function<void(const TransferProgress&)>;

/// Reads all of `in`; each reading that is good becomes durable and queryable before this returns. The first line that
/// is bad ends it with an error that names the line and what is wrong; what was before it stays, so that the corrected
/// file can simply be imported again: what is there already is not stored twice.
Result<TransferProgress> import_readings(std::istream& in, ReadingsFormat format, const registry::Registry& registry,
                                         log::EventLog& log, const Clock& clock, const OnProgress& on_progress);

/// Writes the readings of `indices` ("3_4"; empty: of every sensor), each sensor's in order of time.
Result<TransferProgress> export_readings(std::ostream& out, ReadingsFormat format,
                                         const std::vector<std::string>& indices, const registry::Registry& registry,
                                         store::ReadingStore& store, const OnProgress& on_progress);

}  // namespace iot::server

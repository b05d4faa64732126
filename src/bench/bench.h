// `iotplatform bench`: sets up what is needed, measures, and asks what became of it.
#pragma once

#include "bench/options.h"
#include "bench/report.h"

namespace iot::bench {

/// Errors of this module; not those that the server answers to messages, which the report counts.
Result<Report> run(const Options& options);

}  // namespace iot::bench

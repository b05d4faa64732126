// The snapshot as the database has it: read once, when the registry is opened. From then on the change feed keeps it up
// to date (change.h).
#pragma once

#include <soci/soci.h>

#include "registry/counters.h"
#include "registry/snapshot.h"

namespace iot::registry {

/// Throws soci::soci_error.
Counters load_counters(soci::session& session);

/// Reads row by row: a million sensors in about a second. Nobody may write meanwhile. Throws soci::soci_error.
Snapshot load_snapshot(soci::session& session);

}  // namespace iot::registry

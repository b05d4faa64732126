// What happens to dashboards, inside a transaction. The arguments are validated already.
#pragma once

#include "registry/dashboards.h"
#include "registry/write_context.h"

namespace iot::registry {

Result<void> validate(const NewDashboard& dashboard, const RegistryLimits& limits);
Result<void> validate(const DashboardPatch& patch, const RegistryLimits& limits);

Result<Dashboard> create_dashboard(WriteContext& write, const Actor& actor, const NewDashboard& dashboard);
Result<Dashboard> update_dashboard(WriteContext& write, const Actor& actor, DashboardId id,
                                   const DashboardPatch& patch);
Result<void> delete_dashboard(WriteContext& write, const Actor& actor, DashboardId id);
/// How many there were.
std::int64_t remove_dashboards_of(WriteContext& write, UserId owner);

}  // namespace iot::registry

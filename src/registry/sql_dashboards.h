// Dashboards on the registry's database.
#pragma once

#include "registry/dashboards.h"
#include "registry/read_pool.h"
#include "registry/writer.h"

namespace iot::registry {

class SqlDashboards final : public Dashboards {
 public:
  /// All must outlive the object.
  SqlDashboards(const RegistryLimits& limits, Writer& writer, ReadPool& readers) noexcept
      : limits_(limits), writer_(writer), readers_(readers) {}

  void create(Actor actor, NewDashboard dashboard, Done<Dashboard> done) override;
  void update(Actor actor, DashboardId id, DashboardPatch patch, Done<Dashboard> done) override;
  void remove(Actor actor, DashboardId id, Done<void> done) override;
  Result<Dashboard> dashboard(DashboardId id) override;
  Result<std::vector<Dashboard>> visible(std::optional<UserId> viewer, const Page& page) override;
  Result<std::vector<Dashboard>> of_owner(UserId owner, const Page& page) override;

 private:
  const RegistryLimits& limits_;
  Writer& writer_;
  ReadPool& readers_;
};

}  // namespace iot::registry

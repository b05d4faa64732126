#include "registry/sql_dashboards.h"

#include <utility>

#include "registry/dashboard_writes.h"
#include "registry/page_parameters.h"
#include "registry/submit.h"
#include "registry/text.h"

namespace iot::registry {

void SqlDashboards::create(Actor actor, NewDashboard dashboard, Done<Dashboard> done) {
  auto checked = validate(dashboard, limits_);
  submit<Dashboard>(writer_, std::move(checked), std::move(done),
                    [actor = std::move(actor), dashboard = std::move(dashboard)](WriteContext& write) {
                      return create_dashboard(write, actor, dashboard);
                    });
}

void SqlDashboards::update(Actor actor, DashboardId id, DashboardPatch patch, Done<Dashboard> done) {
  auto checked = validate(patch, limits_);
  submit<Dashboard>(writer_, std::move(checked), std::move(done),
                    [actor = std::move(actor), id, patch = std::move(patch)](WriteContext& write) {
                      return update_dashboard(write, actor, id, patch);
                    });
}

void SqlDashboards::remove(Actor actor, DashboardId id, Done<void> done) {
  submit<void>(writer_, {}, std::move(done),
               [actor = std::move(actor), id](WriteContext& write) { return delete_dashboard(write, actor, id); });
}

Result<Dashboard> SqlDashboards::dashboard(DashboardId id) {
  return readers_.with([&](ReadConnection& sql) -> Result<Dashboard> {
    auto row = sql.dashboards.dashboard.first(id.value);
    if (!row) return make_error(Errc::dashboard_not_found, "there is no dashboard " + id.to_string());
    return to_dashboard(*row);
  });
}

Result<std::vector<Dashboard>> SqlDashboards::visible(std::optional<UserId> viewer, const Page& page) {
  return readers_.with([&](ReadConnection& sql) -> Result<std::vector<Dashboard>> {
    std::vector<Dashboard> found;
    const auto keep = [&](DashboardRow& row) { found.push_back(to_dashboard(row)); };
    const std::string name = contains_pattern(page.name);
    if (viewer) {
      sql.dashboards.visible.for_each(viewer->value, after_of(page), name, limit_of(page), keep);
    } else {
      sql.dashboards.all.for_each(after_of(page), name, limit_of(page), keep);
    }
    return found;
  });
}

Result<std::vector<Dashboard>> SqlDashboards::of_owner(UserId owner, const Page& page) {
  return readers_.with([&](ReadConnection& sql) -> Result<std::vector<Dashboard>> {
    std::vector<Dashboard> found;
    sql.dashboards.of_owner.for_each(owner.value, after_of(page), contains_pattern(page.name), limit_of(page),
                                     [&](DashboardRow& row) { found.push_back(to_dashboard(row)); });
    return found;
  });
}

}  // namespace iot::registry

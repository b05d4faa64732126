// The SQL of dashboards: what the writer runs, and what readers ask.
#pragma once

#include <string>
#include <tuple>

#include "registry/dashboards.h"
#include "registry/sql.h"

namespace iot::registry {

using DashboardRow = std::tuple<Integer, Integer, Integer, Integer, Integer, Integer, std::string, std::string,
                                std::string, std::string>;
Dashboard to_dashboard(DashboardRow& row);

struct DashboardStatements {
  explicit DashboardStatements(soci::session& session);

  Query<DashboardRow, Integer> dashboard;
  Query<std::tuple<Integer>, Integer> count_of_owner;
  /// Id, owner, visibility, times of making and of change; name, its key, description, document.
  Command<Integer, Integer, Integer, Integer, Integer, std::string, std::string, std::string, std::string> insert;
  Command<Integer, Integer, Integer, std::string, std::string, std::string, std::string, Integer> update;
  Command<Integer> remove;
  Command<Integer> remove_of_owner;
};

/// For a connection that reads. Lists come without documents.
struct DashboardQueries {
  explicit DashboardQueries(soci::session& session);

  Query<DashboardRow, Integer> dashboard;
  Query<DashboardRow, Integer, std::string, Integer> all;
  /// Of the viewer and of those whose visibility is `users`.
  Query<DashboardRow, Integer, Integer, std::string, Integer> visible;
  Query<DashboardRow, Integer, Integer, std::string, Integer> of_owner;
};

}  // namespace iot::registry

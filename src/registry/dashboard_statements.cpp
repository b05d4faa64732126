#include "registry/dashboard_statements.h"

#include <utility>

namespace iot::registry {
namespace {

const std::string head_columns =
    "dashboards.id, dashboards.owner_id, dashboards.visibility, dashboards.version, dashboards.created_ns,"
    " dashboards.updated_ns, users.name, dashboards.name, dashboards.description";
const std::string with_owner = " FROM dashboards JOIN users ON users.id = dashboards.owner_id";

const std::string one_dashboard =
    "SELECT " + head_columns + ", dashboards.document" + with_owner + " WHERE dashboards.id = :id";

/// Walks the primary key, or the index of an owner, in the order of ids.
std::string list_where(const std::string& whose) {
  return "SELECT " + head_columns + ", ''" + with_owner + " WHERE " + whose +
         "dashboards.id > :after AND dashboards.name_key LIKE :name ESCAPE '!' ORDER BY dashboards.id LIMIT :count";
}

}  // namespace

Dashboard to_dashboard(DashboardRow& row) {
  auto& [id, owner, visibility, version, created_ns, updated_ns, owner_name, name, description, document] = row;
  return {.id = {id},
          .owner = {owner},
          .owner_name = std::move(owner_name),
          .name = std::move(name),
          .description = std::move(description),
          .visibility = static_cast<Visibility>(visibility),
          .version = version,
          .created = {created_ns},
          .updated = {updated_ns},
          .document = std::move(document)};
}

DashboardStatements::DashboardStatements(soci::session& s)
    : dashboard(s, one_dashboard),
      count_of_owner(s, "SELECT COUNT(*) FROM dashboards WHERE owner_id = :owner"),
      insert(s,
             "INSERT INTO dashboards (id, owner_id, visibility, version, created_ns, updated_ns, name, name_key,"
             " description, document) VALUES (:id, :owner, :visibility, 1, :created, :updated, :name, :name_key,"
             " :description, :document)"),
      update(s,
             "UPDATE dashboards SET visibility = :visibility, version = :version, updated_ns = :updated, name = :name,"
             " name_key = :name_key, description = :description, document = :document WHERE id = :id"),
      remove(s, "DELETE FROM dashboards WHERE id = :id"),
      remove_of_owner(s, "DELETE FROM dashboards WHERE owner_id = :owner") {}

DashboardQueries::DashboardQueries(soci::session& s)
    : dashboard(s, one_dashboard),
      all(s, list_where("")),
      // 1 is Visibility::users.
      visible(s, list_where("(dashboards.owner_id = :viewer OR dashboards.visibility = 1) AND ")),
      of_owner(s, list_where("dashboards.owner_id = :owner AND ")) {}

}  // namespace iot::registry

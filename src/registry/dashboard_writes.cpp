#include "registry/dashboard_writes.h"

#include "registry/text.h"

namespace iot::registry {
namespace {

Error no_such_dashboard(DashboardId id) {
  return make_error(Errc::dashboard_not_found, "there is no dashboard " + id.to_string());
}

Error invalid(const char* field, const std::string& what) {
  return make_error(Errc::invalid_entity, std::string(field) + " " + what, field);
}

const char* stored_name(Visibility visibility) noexcept {
  return visibility == Visibility::users ? "users" : "private";
}

Result<void> check_name(const std::string& name, const RegistryLimits& limits) {
  if (name.empty()) return invalid("name", "is missing or empty");
  if (!is_clean_text(name, LineBreaks::refused)) return invalid("name", "is not UTF-8 or holds a control character");
  if (count_code_points(name) > limits.dashboard_name_letters_max) {
    return invalid("name", "is longer than " + std::to_string(limits.dashboard_name_letters_max) + " letters");
  }
  return {};
}

Result<void> check_description(const std::string& description, const RegistryLimits& limits) {
  if (description.size() > limits.description_bytes_max) {
    return invalid("description", "is longer than " + std::to_string(limits.description_bytes_max) + " bytes");
  }
  if (is_clean_text(description, LineBreaks::allowed)) return {};
  return invalid("description", "is not UTF-8 or holds a control character");
}

Result<void> check_document(const std::string& document, const RegistryLimits& limits) {
  if (document.size() <= limits.dashboard_document_bytes_max) return {};
  return invalid("document", "is longer than " + std::to_string(limits.dashboard_document_bytes_max) +
                                 " bytes of JSON without blanks");
}

}  // namespace

Result<void> validate(const NewDashboard& dashboard, const RegistryLimits& limits) {
  IOT_CHECK(check_name(dashboard.name, limits));
  IOT_CHECK(check_description(dashboard.description, limits));
  return check_document(dashboard.document, limits);
}

Result<void> validate(const DashboardPatch& patch, const RegistryLimits& limits) {
  if (patch.name) IOT_CHECK(check_name(*patch.name, limits));
  if (patch.description) IOT_CHECK(check_description(*patch.description, limits));
  if (patch.document) IOT_CHECK(check_document(*patch.document, limits));
  return {};
}

Result<Dashboard> create_dashboard(WriteContext& write, const Actor& actor, const NewDashboard& dashboard) {
  const UserId owner = dashboard.owner;
  auto user = write.sql().user.first(owner.value);
  if (!user) return make_error(Errc::user_not_found, "there is no user " + owner.to_string(), "owner");
  DashboardStatements& sql = write.sql().dashboards;
  const std::size_t count_max = write.limits().dashboards_per_owner_max;
  if (static_cast<std::size_t>(std::get<0>(*sql.count_of_owner.first(owner.value))) >= count_max) {
    return make_error(Errc::too_many, "user " + owner.to_string() + " would have more than " +
                                          std::to_string(count_max) + " dashboards: remove one that is out of use");
  }
  const Dashboard made{.id = {write.next_dashboard()},
                       .owner = owner,
                       .owner_name = to_user(*user).name,
                       .name = dashboard.name,
                       .description = dashboard.description,
                       .visibility = dashboard.visibility,
                       .version = 1,
                       .created = write.now(),
                       .updated = write.now(),
                       .document = dashboard.document};
  sql.insert.run(made.id.value, owner.value, static_cast<Integer>(made.visibility), made.created.ns, made.updated.ns,
                 made.name, fold_case(made.name), made.description, made.document);
  AuditDetails details;
  details.add("name", made.name).add("owner", owner.to_string()).add("visibility", stored_name(made.visibility));
  write.audit(actor, "dashboard.create", subject("dashboard", made.id), details);
  return made;
}

Result<Dashboard> update_dashboard(WriteContext& write, const Actor& actor, DashboardId id,
                                   const DashboardPatch& patch) {
  DashboardStatements& sql = write.sql().dashboards;
  auto row = sql.dashboard.first(id.value);
  if (!row) return no_such_dashboard(id);
  const Dashboard before = to_dashboard(*row);
  if (patch.version && *patch.version != before.version) {
    return make_error(Errc::version_conflict,
                      "dashboard " + id.to_string() + " is at version " + std::to_string(before.version) +
                          " already: somebody changed it meanwhile. Load it again",
                      "version");
  }
  Dashboard after = before;
  if (patch.name) after.name = *patch.name;
  if (patch.description) after.description = *patch.description;
  if (patch.visibility) after.visibility = *patch.visibility;
  if (patch.document) after.document = *patch.document;

  AuditDetails details;
  details.changed("name", before.name, after.name)
      .changed("description", before.description, after.description)
      .changed("visibility", stored_name(before.visibility), stored_name(after.visibility));
  // Documents are long, and what was in them is nobody's question.
  if (after.document != before.document) details.add("document", "changed");
  if (details.empty()) return before;
  after.version = before.version + 1;
  after.updated = write.now();
  details.changed("version", before.version, after.version);
  sql.update.run(static_cast<Integer>(after.visibility), after.version, after.updated.ns, after.name,
                 fold_case(after.name), after.description, after.document, id.value);
  write.audit(actor, "dashboard.update", subject("dashboard", id), details);
  return after;
}

Result<void> delete_dashboard(WriteContext& write, const Actor& actor, DashboardId id) {
  DashboardStatements& sql = write.sql().dashboards;
  auto row = sql.dashboard.first(id.value);
  if (!row) return no_such_dashboard(id);
  const Dashboard gone = to_dashboard(*row);
  sql.remove.run(id.value);
  AuditDetails details;
  details.add("name", gone.name).add("owner", gone.owner.to_string());
  write.audit(actor, "dashboard.delete", subject("dashboard", id), details);
  return {};
}

std::int64_t remove_dashboards_of(WriteContext& write, UserId owner) {
  return write.sql().dashboards.remove_of_owner.run(owner.value);
}

}  // namespace iot::registry

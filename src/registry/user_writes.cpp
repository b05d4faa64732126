#include "registry/user_writes.h"

#include "registry/consumer_writes.h"
#include "registry/dashboard_writes.h"
#include "registry/device_writes.h"
#include "registry/text.h"

namespace iot::registry {
namespace {

Error no_such_user(UserId id) {
  return make_error(Errc::user_not_found, "there is no user " + id.to_string());
}

Error taken(const std::string& username) {
  return make_error(Errc::username_taken, "another user is called \"" + username + "\"", "username");
}

model::User insert(WriteContext& write, const Actor& actor, UserId id, const NewUser& user) {
  constexpr std::uint64_t key_version = 1;
  write.sql().insert_user.run(id.value, user.name, fold_case(user.name), user.username, user.password_hash,
                              static_cast<Integer>(user.role), key_version, write.now().ns);
  write.record(user_set(id, {user.role, key_version}));
  AuditDetails details;
  details.add("name", user.name).add("username", user.username).add("role", model::to_string(user.role));
  write.audit(actor, "user.create", subject("user", id), details);
  return {id, user.name, user.username, user.role, write.now()};
}

}  // namespace

Result<model::User> create_user(WriteContext& write, const Actor& actor, const NewUser& user) {
  if (write.sql().user_with_name.first(user.username)) return taken(user.username);
  return insert(write, actor, write.next_user(), user);
}

void create_root(WriteContext& write) {
  insert(write, Actor{root_user, ""}, root_user, {"root", "root", "", model::Role::admin});
}

Result<model::User> update_user(WriteContext& write, const Actor& actor, UserId id, const UserPatch& patch) {
  const auto* entry = write.state().users.find(id);
  auto row = write.sql().user.first(id.value);
  if (!entry || !row) return no_such_user(id);
  const model::User before = to_user(*row);
  model::User after = before;
  if (patch.name) after.name = *patch.name;
  if (patch.username) after.username = *patch.username;
  if (patch.role) after.role = *patch.role;
  if (id == root_user && after.role != model::Role::admin) {
    return make_error(Errc::last_admin, "root is always an admin", "role");
  }
  if (after.username != before.username && write.sql().user_with_name.first(after.username)) {
    return taken(after.username);
  }

  AuditDetails details;
  details.changed("name", before.name, after.name)
      .changed("username", before.username, after.username)
      .changed("role", model::to_string(before.role), model::to_string(after.role));
  if (patch.password_hash) details.add("password", "changed");
  if (details.empty()) return after;

  const bool revokes = patch.password_hash || after.username != before.username || after.role != before.role;
  const UserEntry changed{after.role, entry->key_version + (revokes ? 1 : 0)};
  write.sql().update_user.run(after.name, fold_case(after.name), after.username, static_cast<Integer>(after.role),
                              static_cast<Integer>(changed.key_version), id.value);
  if (patch.password_hash) write.sql().update_password.run(*patch.password_hash, id.value);
  if (revokes) write.record(user_set(id, changed));
  write.audit(actor, "user.update", subject("user", id), details);
  return after;
}

Result<void> delete_user(WriteContext& write, const Actor& actor, UserId id) {
  if (id == root_user) return make_error(Errc::last_admin, "root cannot be removed");
  auto row = write.sql().user.first(id.value);
  if (!row) return no_such_user(id);
  const model::User user = to_user(*row);

  std::vector<DeviceId> devices;
  write.sql().devices_of_user.for_each(id.value, [&](const auto& found) { devices.push_back({std::get<0>(found)}); });
  for (const DeviceId device : devices) IOT_CHECK(delete_device(write, actor, device));
  std::vector<ConsumerId> consumers;
  write.sql().consumers_of_user.for_each(id.value,
                                         [&](const auto& found) { consumers.push_back({std::get<0>(found)}); });
  for (const ConsumerId consumer : consumers) IOT_CHECK(delete_consumer(write, actor, consumer));

  const std::int64_t dashboards = remove_dashboards_of(write, id);

  write.sql().delete_user.run(id.value);
  write.record(user_removed(id));
  AuditDetails details;
  details.add("username", user.username)
      .add("devices", static_cast<std::int64_t>(devices.size()))
      .add("consumers", static_cast<std::int64_t>(consumers.size()))
      .add("dashboards", dashboards);
  write.audit(actor, "user.delete", subject("user", id), details);
  return {};
}

}  // namespace iot::registry

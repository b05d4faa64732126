#include "server/bootstrap.h"

#include <future>

namespace iot::server {
namespace {

/// Root itself acts when the program does.
registry::Actor program() {
  return {root_user, "iotplatform"};
}

Result<void> store_hash(registry::Registry& registry, UserId user, std::string hash) {
  std::promise<Result<model::User>> answered;
  auto answer = answered.get_future();
  registry::UserPatch patch;
  patch.password_hash = std::move(hash);
  registry.update_user(program(), user, std::move(patch),
                       [&](Result<model::User> outcome) { answered.set_value(std::move(outcome)); });
  // The registry calls back exactly once, also when it stops.
  auto outcome = answer.get();
  if (!outcome) return outcome.error();
  return {};
}

}  // namespace

Result<bool> root_needs_password(registry::Registry& registry) {
  IOT_TRY(const auto credentials, registry.credentials("root"));
  return credentials.user.id == root_user && credentials.password_hash.empty();
}

Result<std::string> give_root_password(registry::Registry& registry, const access::Passwords& passwords,
                                       Profile profile) {
  std::string password = profile == Profile::standard ? access::Passwords::generate() : std::string(demo_password);
  IOT_CHECK(store_hash(registry, root_user, passwords.hash(password)));
  return password;
}

Result<void> set_password(registry::Registry& registry, const access::Passwords& passwords, const std::string& username,
                          const std::string& password) {
  IOT_TRY(const auto credentials, registry.credentials(username));
  return store_hash(registry, credentials.user.id, passwords.hash(password));
}

Result<std::shared_ptr<const access::SigningKey>> load_or_create_key(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return access::SigningKey::load(file);
  return access::SigningKey::create(file);
}

}  // namespace iot::server

// /api/users: sign-in, own user, and the users that admins look after.
#include "api/caller.h"
#include "api/entity_json.h"
#include "api/fields.h"
#include "api/pages.h"
#include "api/sign_in.h"

namespace iot::api {
namespace {

using boost::asio::awaitable;

constexpr auto id_of_user = [](const model::User& user) { return user.id.value; };

void check_password(Fields& fields, const std::string& password) {
  if (password.size() >= password_bytes_min && password.size() <= password_bytes_max) return;
  fields.fault(
      "must have " + std::to_string(password_bytes_min) + " to " + std::to_string(password_bytes_max) + " bytes",
      "password");
}

std::optional<model::Role> read_role(Fields& fields) {
  const auto name = fields.text("role");
  if (!name) return {};
  const auto role = model::parse_role(*name);
  if (!role) fields.fault("must be admin, user or read-only", "role");
  return role;
}

awaitable<Answer> sign_in_for_token(Request& request) {
  const auto signed_in = co_await sign_in(request);
  if (!signed_in) co_return signed_in.error();
  net::HttpResponse response;
  JsonWriter(response.body).begin_object().key("token").string(signed_in->token).end_object();
  co_return response;
}

awaitable<Answer> show(Request& request, UserId id) {
  IOT_CO_TRY(const model::User user, co_await blocking(request.service, [&] { return request.registry().user(id); }));
  co_return result_response(user, write_user);
}

awaitable<Answer> show_self(Request& request) {
  return show(request, request.caller.user);
}

awaitable<Answer> show_one(Request& request) {
  IOT_CO_TRY(const UserId id, own_user(request));
  co_return co_await show(request, id);
}

awaitable<Answer> list(Request& request) {
  const auto page = read_page(request);
  if (!page) co_return page.error();
  if (!request.caller.is_admin()) {
    // A user sees itself.
    IOT_CO_TRY(model::User self,
               co_await blocking(request.service, [&] { return request.registry().user(request.caller.user); }));
    std::vector<model::User> users;
    if (!page->after || *page->after < self.id.value) users.push_back(std::move(self));
    co_return list_response(std::move(users), *page, id_of_user, write_user);
  }
  IOT_CO_TRY(auto users, co_await blocking(request.service, [&] { return request.registry().users(*page); }));
  co_return list_response(std::move(users), *page, id_of_user, write_user);
}

awaitable<Answer> create(Request& request) {
  Fields fields(request.body);
  registry::NewUser user;
  user.username = fields.required_text("username");
  // The name is the same unless given: the fault would be told of a field that was not sent.
  if (fields.has("username") && user.username.empty()) fields.fault("is missing or empty", "username");
  user.name = fields.text("name").value_or(user.username);
  const std::string password = fields.required_text("password");
  if (fields.has("password")) check_password(fields, password);
  user.role = read_role(fields).value_or(model::Role::user);
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  IOT_CO_TRY(user.password_hash, co_await blocking(request.service, [&]() -> Result<std::string> {
               return request.service.use.passwords.hash(password);
             }));
  IOT_CO_TRY(const model::User made, co_await written<model::User>([&](auto done) {
               request.registry().create_user(request.actor(), std::move(user), std::move(done));
             }));
  co_return result_response(made, write_user);
}

/// A user may change its own name and password; what it may do is for admins to say.
awaitable<Answer> update(Request& request) {
  IOT_CO_TRY(const UserId id, own_user(request));
  Fields fields(request.body);
  for (const char* member : {"role", "username"}) {
    if (!fields.has(member) || request.caller.is_admin()) continue;
    co_return make_error(Errc::not_allowed, "only an admin may change this", member);
  }
  registry::UserPatch patch;
  patch.name = fields.text("name");
  patch.username = fields.text("username");
  const auto password = fields.text("password");
  if (password) check_password(fields, *password);
  patch.role = read_role(fields);
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));
  if (password) {
    IOT_CO_TRY(patch.password_hash, co_await blocking(request.service, [&]() -> Result<std::string> {
                 return request.service.use.passwords.hash(*password);
               }));
  }
  IOT_CO_TRY(const model::User changed, co_await written<model::User>([&](auto done) {
               request.registry().update_user(request.actor(), id, std::move(patch), std::move(done));
             }));
  co_return result_response(changed, write_user);
}

awaitable<Answer> remove(Request& request) {
  IOT_CO_TRY(const UserId id, own_user(request));
  IOT_CO_CHECK(
      co_await written<void>([&](auto done) { request.registry().delete_user(request.actor(), id, std::move(done)); }));
  co_return removed_response(id.value);
}

}  // namespace

std::span<const Route> user_routes() {
  using enum net::Method;
  static const std::vector<Route> routes = {
      {post, "/api/users/signin", "signIn", Access::anyone, "Sign in", sign_in_for_token, "SignIn", "Token"},
      {get, "/api/users/self", "getSelf", Access::reader, "Show the own user", show_self, {}, "UserResult"},
      {post, "/api/users/self", "postSelf", Access::reader, "The same", show_self, {}, "UserResult"},
      {get,
       "/api/users",
       "listUsers",
       Access::reader,
       "List the users; others than admins see themselves",
       list,
       {},
       "UserList",
       page_parameters()},
      {post, "/api/users", "createUser", Access::admin, "Make a user", create, "NewUser", "UserResult"},
      {get, "/api/users/:user_id", "getUser", Access::reader, "Show a user", show_one, {}, "UserResult"},
      {patch, "/api/users/:user_id", "updateUser", Access::writer,
       "Change a user: itself its name and password, an admin everything; a new password, user name or role ends its "
       "sessions",
       update, "UserPatch", "UserResult"},
      {delete_,
       "/api/users/:user_id",
       "deleteUser",
       Access::admin,
       "Remove a user with its devices, consumers and all readings",
       remove,
       {},
       "Removed"},
  };
  return routes;
}

}  // namespace iot::api

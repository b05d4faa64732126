#include "api/sign_in.h"

#include "api/fields.h"

namespace iot::api {
namespace {

/// How long a sign-in waits for root's password and the signing key, which a first start makes behind.
constexpr std::chrono::seconds first_start_wait{30};

/// Looks up and compares in the same time whether there is such a user or not, and signs its token.
Result<SignedIn> sign_in_as(const Service& service, const std::string& username, const std::string& password) {
  if (!service.use.tokens.wait_for_key(first_start_wait)) {
    return make_error(access::Errc::not_ready, "The key that signs tokens is still being made; try again in a moment");
  }
  const registry::SnapshotPtr snapshot = service.use.registry.snapshot();
  auto found = service.use.registry.credentials(username);
  if (!found && !is(found.error(), registry::Errc::user_not_found)) return found.error();
  const bool matches = service.use.passwords.verify(password, found ? std::string_view(found->password_hash) : "");
  // The snapshot is from before the password was read: a change in between makes the token void and not the change.
  const registry::UserEntry* user = matches ? snapshot->users.find(found->user.id) : nullptr;
  if (!user) return make_error(access::Errc::wrong_password, "Wrong user name or password");
  IOT_TRY(std::string token, issue_token(service,
                                         {.audience = access::Audience::user,
                                          .subject = found->user.id.value,
                                          .key_version = user->key_version,
                                          .expires = {}},
                                         service.options.user_token_lifetime));
  return SignedIn{std::move(found->user), std::move(token)};
}

}  // namespace

boost::asio::awaitable<Checked<SignedIn>> sign_in(Request& request) {
  Fields fields(request.body);
  const std::string username = fields.required_text("username");
  const std::string password = fields.required_text("password");
  if (password.size() > password_bytes_max) fields.fault("is too long", "password");
  if (auto faults = fields.finish(); !faults.empty()) co_return invalid(std::move(faults));

  Service& service = request.service;
  access::SignInLimiter& brake = service.use.sign_ins;
  const std::string address(request.http.peer_address);
  if (const auto wait = brake.wait_for(username, address); wait.count() > 0) {
    service.sign_ins_braked.Increment();
    co_return try_later("too many failed attempts; try again later", wait);
  }
  const auto place = service.sign_ins.enter();
  if (!place) {
    service.sign_ins_braked.Increment();
    co_return try_later("too many sign-ins at once", std::chrono::seconds(1));
  }
  // Counted before it is known, so that attempts at the same time cannot pass together.
  brake.failed(username, address);
  auto signed_in = co_await blocking(service, [&] { return sign_in_as(service, username, password); });
  if (!signed_in) {
    service.sign_ins_bad.Increment();
    co_return refusal_of(signed_in.error());
  }
  brake.succeeded(username, address);
  service.sign_ins_good.Increment();
  co_return std::move(*signed_in);
}

}  // namespace iot::api

#include "api/token_holder.h"

#include "api/elasticsearch_front.h"

namespace iot::api {
namespace {

/// The subject's key version in the snapshot; nothing if it is gone.
std::optional<std::uint64_t> key_version_of(const access::Identity& identity, const registry::Snapshot& snapshot) {
  const auto version_of = [](const auto* entry) { return entry ? std::optional(entry->key_version) : std::nullopt; };
  switch (identity.audience) {
    case access::Audience::device:
      return version_of(snapshot.devices.find(DeviceId{identity.subject}));
    case access::Audience::consumer:
      return version_of(snapshot.consumers.find(ConsumerId{identity.subject}));
    case access::Audience::user:
      return version_of(snapshot.users.find(UserId{identity.subject}));
  }
  return {};
}

}  // namespace

Result<TokenHolder> holder_of_token(const Service& service, std::string_view token,
                                    const registry::Snapshot& snapshot) {
  for (const auto kind : {access::Audience::consumer, access::Audience::user, access::Audience::device}) {
    const auto identity = service.use.tokens.verify(token, kind);
    if (!identity && !is(identity.error(), access::Errc::wrong_kind)) return identity.error();
    if (!identity) continue;
    const auto version = key_version_of(*identity, snapshot);
    if (!version || !access::is_current(*identity, *version)) {
      return make_error(access::Errc::revoked, "the token was revoked");
    }
    TokenHolder holder{.kind = kind, .id = identity->subject};
    if (kind == access::Audience::user) holder.role = snapshot.users.find(UserId{holder.id})->role;
    return holder;
  }
  return make_error(access::Errc::wrong_kind, "the token is neither a consumer's nor a user's nor a device's");
}

std::string caller_name(const TokenHolder& holder) {
  if (holder.kind == access::Audience::consumer) return caller_name(ConsumerId{holder.id});
  return (holder.kind == access::Audience::user ? "user " : "device ") + std::to_string(holder.id);
}

Catalog catalog_of(const TokenHolder& holder, registry::SnapshotPtr snapshot) {
  if (holder.kind == access::Audience::consumer)
    return Catalog::of_consumer(std::move(snapshot), ConsumerId{holder.id});
  return Catalog::of_user(std::move(snapshot), {UserId{holder.id}, holder.role});
}

ingest::WriteRights write_rights_of(const TokenHolder& holder) {
  if (holder.kind == access::Audience::device) return ingest::WriteRights::of_device(DeviceId{holder.id});
  if (holder.kind == access::Audience::consumer || holder.role == model::Role::read_only) {
    return ingest::WriteRights::of_nothing();
  }
  if (holder.role == model::Role::admin) return ingest::WriteRights::of_everything();
  return ingest::WriteRights::of_owner(UserId{holder.id});
}

}  // namespace iot::api

// What happens to users, inside a transaction. The arguments are validated already (validation.h).
#pragma once

#include "registry/write_context.h"

namespace iot::registry {

Result<model::User> create_user(WriteContext& write, const Actor& actor, const NewUser& user);
Result<model::User> update_user(WriteContext& write, const Actor& actor, UserId id, const UserPatch& patch);
Result<void> delete_user(WriteContext& write, const Actor& actor, UserId id);

/// The first user, without a password, so that nobody can sign in as root until one is set.
void create_root(WriteContext& write);

}  // namespace iot::registry

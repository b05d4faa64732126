// What a first start makes that takes too long to wait for: the key that signs tokens (an RSA-4096 key takes about a
// second) and root's password (argon2id takes a tenth). Both are made after the listeners accept; who signs in
// meanwhile waits.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "access/passwords.h"
#include "access/tokens.h"
#include "base/failure.h"
#include "registry/registry.h"
#include "server/settings.h"

namespace iot::server {

/// The password that the original platform gave root, which only the demo profile uses.
inline constexpr std::string_view demo_password = "x5KATOHT9zHczR49aPy0";

/// True if root has no password yet.
Result<bool> root_needs_password(registry::Registry& registry);

/// Gives root a password (the demo profile's, or a random one) and returns it, once the registry has it. Blocks.
Result<std::string> give_root_password(registry::Registry& registry, const access::Passwords& passwords,
                                       Profile profile);

/// Changes a user's password. Blocks.
Result<void> set_password(registry::Registry& registry, const access::Passwords& passwords, const std::string& username,
                          const std::string& password);

/// Loads the key, or makes it where there is none. Blocks, for about a second in the latter case.
Result<std::shared_ptr<const access::SigningKey>> load_or_create_key(const std::filesystem::path& file);

}  // namespace iot::server

// Who a token on port 9000 speaks for, and what that one may see and write there.
#pragma once

#include <string>
#include <string_view>

#include "access/tokens.h"
#include "api/catalog.h"
#include "api/request.h"
#include "ingest/bulk.h"

namespace iot::api {

struct TokenHolder {
  access::Audience kind = access::Audience::consumer;
  std::int64_t id = 0;                        ///< ConsumerId, UserId or DeviceId, by kind
  model::Role role = model::Role::read_only;  ///< of a user
};

/// Access errors as in Tokens::verify, among them access::Errc::revoked where `snapshot` has another key version.
Result<TokenHolder> holder_of_token(const Service& service, std::string_view token, const registry::Snapshot& snapshot);

/// For what is kept from one request to the next: "consumer 3", "user 5".
std::string caller_name(const TokenHolder& holder);

/// Not for a device: it sees nothing. The holder must be in the snapshot.
Catalog catalog_of(const TokenHolder& holder, registry::SnapshotPtr snapshot);

/// A device writes to its own sensors, a user to those of its devices, an admin to all; others to none.
ingest::WriteRights write_rights_of(const TokenHolder& holder);

}  // namespace iot::api

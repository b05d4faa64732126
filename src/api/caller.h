// Who may do what: the token's user, its role, and whether a thing is its own.
//
// A thing that exists and is somebody else's is 403, one that does not exist is 404: ids are consecutive numbers, so
// that it exists is no secret.
#pragma once

#include "api/request.h"
#include "api/route.h"

namespace iot::api {

/// The user whose token the request carries in `Authorization: Bearer`, or else in its session's cookie
/// (gateway/session_cookie.h). Errc::not_signed_in, Errc::cross_site_request where the cookie does not count, or
/// access's errors: the key version is compared with the snapshot's, so that a token is void from the moment its user
/// changes.
Result<Caller> authenticate(const Service& service, const net::HttpRequest& http, const registry::Snapshot& snapshot);

/// Errc::not_allowed where the role does not suffice.
Result<void> check_role(const Caller& caller, Access access);

/// The user under whom the request's path stands ("/api/users/:user_id/devices/…"), who must be the caller unless that
/// is an admin; nothing where it stands under none.
Result<std::optional<UserId>> user_of_path(const Request& request);

/// The user, device, sensor or consumer that the path names, if it exists, lies where the path says, and the caller may
/// touch it.
Result<UserId> own_user(const Request& request);
Result<DeviceId> own_device(const Request& request);
Result<SensorId> own_sensor(const Request& request);
Result<ConsumerId> own_consumer(const Request& request);

/// A sensor that the request names elsewhere: it must be on a device of the caller.
Result<void> check_own(const Request& request, SensorId sensor);

/// For whom a list or a new thing is: the path's user, else the caller; nothing for an admin, who sees everybody's.
Result<std::optional<UserId>> owner_of_list(const Request& request);
Result<UserId> owner_of_new(const Request& request);

}  // namespace iot::api

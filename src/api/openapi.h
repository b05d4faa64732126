// The OpenAPI 3.1 document, made from the table of routes and the schemas.
#pragma once

#include <string>
#include <string_view>

namespace iot::api {

std::string openapi_document(std::string_view version);

/// "/api/devices/:device_id/*" is "/api/devices/{device_id}/{endpoint}".
std::string openapi_path(std::string_view pattern);

}  // namespace iot::api

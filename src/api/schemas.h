// The JSON Schemas of requests and answers, as they stand in the OpenAPI document under components/schemas.
#pragma once

#include <span>
#include <string_view>

namespace iot::api {

struct Schema {
  std::string_view name;
  std::string_view json;  ///< one JSON object; "#/components/schemas/<name>" names others
};

std::span<const Schema> schemas();

}  // namespace iot::api

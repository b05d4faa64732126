#include "model/mapping.h"

namespace iot::model {
namespace {

constexpr std::array<std::string_view, mapping_type_count> names{
    "double", "float", "long", "integer", "short", "byte", "boolean", "keyword", "text", "date", "geo_point", "object"};

}  // namespace

ErrcInfo describe(Errc code) noexcept {
  switch (code) {
    case Errc::unknown_mapping:
      return {"unknown_mapping", Failure::invalid};
    case Errc::value_does_not_fit:
      return {"value_does_not_fit", Failure::invalid};
    case Errc::damaged_batch:
      return {"damaged_batch", Failure::data_loss};
    case Errc::invalid_path:
      return {"invalid_path", Failure::invalid};
  }
  return {"unknown", Failure::internal};
}

std::string_view to_string(MappingType type) noexcept {
  return names[static_cast<std::size_t>(type)];
}

std::optional<MappingType> parse_mapping_type(std::string_view name) noexcept {
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (names[index] == name) return static_cast<MappingType>(index);
  }
  return {};
}

}  // namespace iot::model
